# SPDX-License-Identifier: Apache-2.0
"""What the device says of itself: one status at a time, the worst that holds, by LED and on the console."""

from wire import const

from device.forget import forget

_SHARED = const(7)  # the place of the status that has as many blinks as the one before it
# From good to bad; device.sentences says of each how it is shown. A device has scales or a reader module, never both.
CODES = (
    "ok",
    "no_network",
    "no_fleet",
    "fleet_busy",
    "rejected",
    "outbox_full",
    "scale_fault",
    "reader_fault",
    "flash_error",
    "settings_error",
    "crashed",
)


class Status:
    """Statuses are raised and cleared by code; `say` gets the console line whenever the worst of them changes."""

    def __init__(self, say):
        self._say = say
        self._details: "dict[int, str]" = {}
        self._worst = -1  # nothing was said yet
        self.blinks = 1

    def set(self, code: str, detail: str = "") -> None:
        self._details[CODES.index(code)] = detail
        self._show()

    def clear(self, code: str) -> None:
        if self._details.pop(CODES.index(code), None) is not None:
            self._show()

    @property
    def code(self) -> str:
        return CODES[max(self._worst, 0)]

    def _show(self) -> None:
        worst = max(self._details, default=0)
        if worst == self._worst:
            return
        self._worst = worst
        try:
            from device.sentences import SENTENCES

            self.blinks, sentence = SENTENCES[worst]
            del SENTENCES
            forget("device.sentences")
        except (ImportError, OSError, MemoryError):  # flash or memory fail, and that may be what is to be shown
            self.blinks, sentence = worst + (worst < _SHARED), "its sentence cannot be loaded"
        detail = self._details.get(worst)
        self._say("status %s %s%s" % (CODES[worst], sentence, ": " + detail if detail else ""))
