# SPDX-License-Identifier: Apache-2.0
"""What the device says of itself: one status at a time, the worst that holds, by LED and on the console."""

# (code, blinks of the LED, sentence); from good to bad. A device has scales or a reader module, never both.
STATUSES = (
    ("ok", 1, "at work, and the fleet takes what there is"),
    ("no_network", 2, "no Wi-Fi or no address of the fleet; readings are kept"),
    ("no_fleet", 3, "the fleet does not answer; readings are kept"),
    ("fleet_busy", 4, "the fleet asks to wait; readings are kept"),
    ("rejected", 5, "the fleet refused readings for good; outbox/rejected.log has the newest of them"),
    ("outbox_full", 6, "the outbox is full: old readings go, and gaps say how many"),
    ("scale_fault", 7, "a scale does not answer as it should; look at its wiring"),
    ("reader_fault", 7, "the reader module does not answer as it should; look at its wiring"),
    ("flash_error", 8, "the flash refuses to keep readings"),
    ("settings_error", 9, "kanbin.json is wrong; nothing is weighed before it is mended"),
    ("crashed", 10, "the program failed; the board restarts by itself, later each time"),
)
CODES = tuple(status[0] for status in STATUSES)


class Status:
    """Statuses are raised and cleared by code; `say` gets the console line whenever the worst of them changes."""

    def __init__(self, say):
        self._say = say
        self._details: "dict[int, str]" = {}
        self._worst = -1  # nothing was said yet

    def set(self, code: str, detail: str = "") -> None:
        self._details[CODES.index(code)] = detail
        self._show()

    def clear(self, code: str) -> None:
        if self._details.pop(CODES.index(code), None) is not None:
            self._show()

    @property
    def code(self) -> str:
        return CODES[max(self._worst, 0)]

    @property
    def blinks(self) -> int:
        return STATUSES[max(self._worst, 0)][1]

    def _show(self) -> None:
        worst = max(self._details, default=0)
        if worst == self._worst:
            return
        self._worst = worst
        code, _, sentence = STATUSES[worst]
        detail = self._details.get(worst)
        self._say("status %s %s%s" % (code, sentence, ": " + detail if detail else ""))
