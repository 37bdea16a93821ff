# SPDX-License-Identifier: Apache-2.0
"""Commands on a fleet's store, beside the service or without it."""
