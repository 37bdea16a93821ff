# SPDX-License-Identifier: Apache-2.0
"""What a bin and a reader are built of: pages for the technician, and the drawings with what makes them."""
