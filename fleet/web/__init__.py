# SPDX-License-Identifier: Apache-2.0
"""The page and the API's application."""
