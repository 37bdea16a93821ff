# SPDX-License-Identifier: Apache-2.0
"""A virtual UHF module: speaks as a real one on a pseudo terminal, over a line that does what lines do."""
