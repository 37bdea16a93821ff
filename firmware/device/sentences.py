# SPDX-License-Identifier: Apache-2.0
"""How each status is shown: needed when it changes, and forgotten again."""

# (blinks of the LED, sentence) of each of device.status.CODES.
SENTENCES = (
    (1, "at work, and the fleet takes what there is"),
    (2, "no Wi-Fi or no address of the fleet; readings are kept"),
    (3, "the fleet does not answer; readings are kept"),
    (4, "the fleet asks to wait; readings are kept"),
    (5, "the fleet refused readings for good; outbox/rejected.log has the newest of them"),
    (6, "readings were lost: the outbox is full, and gaps say how many, or a part of it cannot be read"),
    (7, "a scale does not answer as it should; look at its wiring"),
    (7, "the reader module does not answer as it should; look at its wiring"),
    (8, "the flash refuses to keep readings"),
    (9, "kanbin.json is wrong; nothing is weighed before it is mended"),
    (10, "the program failed; the board restarts by itself, later each time"),
)
