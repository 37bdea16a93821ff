# SPDX-License-Identifier: Apache-2.0
"""The pictures in the documents: made from the real page, on a made-up but reproducible fleet."""
