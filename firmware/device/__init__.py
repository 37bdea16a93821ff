# SPDX-License-Identifier: Apache-2.0
"""What a device does. Knows the wire; knows no hardware, no sockets and no clock but the one it is given."""
