# SPDX-License-Identifier: Apache-2.0
"""The commands that need no running fleet, a file for each; fleet/cli.py puts them together."""
