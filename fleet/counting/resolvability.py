# SPDX-License-Identifier: Apache-2.0
"""Can these pieces be counted on this cell? The physics of one change of weight against the weight of one piece.

    rho = w / sqrt(2 s1^2 + wander^2 + (off-centre * W)^2 + k (cv * w)^2)

w is the weight of a piece, s1 the noise of one reading, wander what the scale does by itself between two looks, W the
load on the cell (its contents shift when somebody reaches in), k the pieces moved, cv the spread from piece to piece.
All in grams, one standard deviation each. From 6 on, half a piece is three standard deviations of a change or more:
single pieces are told. Below 3 it is less than one and a half: only shares of the whole can be told honestly.

The constants are those of a typical single-point cell with an HX711, as the simulator has them too: a poor place or a
poor cell is two or three times as bad.
"""

from dataclasses import dataclass
from math import ceil, floor, hypot, pi, sqrt

EXACT_RHO = 6.0
PERCENT_RHO = 3.0
SIGMAS = EXACT_RHO / 2  # so many standard deviations in half a piece is what "exact" means here

COUNTS_PER_GRAM_AT_1G = 2.147e6  # HX711 at gain 128 on a cell of 1 mV/V: divide by its capacity in grams
SAMPLE_NOISE_RAW = 60.0  # rms of a sample at 10 a second; measured boards have 40 to 160
SAMPLES = 10  # of which a reading is the mean
OFF_CENTRE = 4e-5  # of the load, after each handling
PIECE_CV = 0.015
LOT_SHIFT = 0.015  # how far the mean piece of a lot lies off the nominal one; assumed, no source was found
LOOK_EVERY_S = 300.0  # the usual heartbeat
FLICKER = 4e-6  # 1/f wander, of the capacity
ZERO_WALK = 20e-6  # random walk of the zero in a day, of the capacity; it grows with the root of the time
ZERO_TEMPCO = 30e-6  # of the capacity, per kelvin; data sheets allow 50
SWING_K = 2.0  # amplitude of a day's temperature
DAY_S = 86_400.0

CELLS_G = (300, 600, 1_000, 2_000, 3_000, 5_000, 10_000, 20_000, 30_000, 50_000, 100_000, 200_000)  # to be had

EXACT = "exact"
APPROXIMATE = "approximate"
PERCENT = "percent"
TOO_HEAVY = "too_heavy"


@dataclass(frozen=True, slots=True)
class Cell:
    """A load cell; `counts_per_gram` is what the converter says per gram, None for a cell of 1 mV/V."""

    capacity_g: float
    counts_per_gram: float | None = None

    @property
    def noise_g(self) -> float:
        """The noise of one reading."""
        return SAMPLE_NOISE_RAW / sqrt(SAMPLES) / (self.counts_per_gram or COUNTS_PER_GRAM_AT_1G / self.capacity_g)

    @property
    def wander_g(self) -> float:
        """How far the zero goes between two looks: 1/f, random walk, and the steepest slope of a day's temperature."""
        walk = ZERO_WALK * sqrt(LOOK_EVERY_S / DAY_S)
        warming = ZERO_TEMPCO * SWING_K * 2 * pi / DAY_S * LOOK_EVERY_S
        return self.capacity_g * hypot(FLICKER, walk, warming)


@dataclass(frozen=True, slots=True)
class Contents:
    """What shall lie on the cell: at most `max_pieces` of `apw_g` each, in a bin; they come in packs of `pack_size`."""

    apw_g: float
    max_pieces: int
    bin_weight_g: float = 0.0
    piece_cv: float = PIECE_CV
    pack_size: int = 1

    @property
    def load_g(self) -> float:
        """The full bin."""
        return self.bin_weight_g + self.max_pieces * self.apw_g


@dataclass(frozen=True, slots=True)
class Resolvability:
    """How well pieces can be counted on a cell.

    `followed_to` is the most pieces in the bin with which a single one taken is still told: counting goes from look to
    look, so that errors below half a piece do not add up. It supposes that every change lies between two looks at rest.
    `move_unlearned` is the most pieces moved in one go that are told exactly while the lot's piece weight is only the
    nominal one, `move_learned` the same once a pack of it was weighed (None: packs of one teach nothing).
    `weighed_to` is the most pieces told by weighing the whole contents alone, on a scale tared just now.
    """

    verdict: str
    rho: float
    load_g: float
    noise_g: float
    wander_g: float
    off_centre_g: float
    spread_g: float
    followed_to: int
    move_unlearned: int
    move_learned: int | None
    weighed_to: int

    @property
    def can_be_counted(self) -> bool:
        """Exactly, or at least nearly."""
        return self.verdict in (EXACT, APPROXIMATE)


@dataclass(frozen=True, slots=True)
class Remedies:
    """What would do instead; empty or None where nothing of the kind would.

    `cells` are the standard cells (capacity in grams, rho) that carry and resolve the contents, the smallest first, or,
    where none does, those that at least count nearly. `pack_pieces` is the smallest pack whose coming and going is
    told: on the cell there is, or, when that carries too little, on the only one of `cells`, whose rho is then below 3.
    `max_pieces` is how many pieces could be counted.
    """

    cells: tuple[tuple[int, float], ...] = ()
    pack_pieces: int | None = None
    max_pieces: int | None = None


def resolve(cell: Cell, contents: Contents) -> Resolvability:
    """How well the contents can be counted on the cell, with the bin full, which is the hardest moment."""
    rho = _rho(cell, contents, contents.load_g)
    learned = None if contents.pack_size == 1 else _pack_error(cell, contents)
    return Resolvability(
        verdict=_verdict(cell, contents, rho),
        rho=rho,
        load_g=contents.load_g,
        noise_g=cell.noise_g,
        wander_g=cell.wander_g,
        off_centre_g=OFF_CENTRE * contents.load_g,
        spread_g=contents.piece_cv * contents.apw_g,
        followed_to=_followed_to(cell, contents),
        move_unlearned=_told(contents, _change_variance(cell, contents.load_g), LOT_SHIFT),
        move_learned=None if learned is None else _told(contents, _change_variance(cell, contents.load_g), learned),
        weighed_to=_told(contents, cell.noise_g**2, LOT_SHIFT),
    )


def remedies(cell: Cell, contents: Contents) -> Remedies:
    """What would count the contents when this cell does not count them exactly."""
    now = resolve(cell, contents)
    if now.verdict == EXACT:
        return Remedies()
    fewer = now.followed_to if 0 < now.followed_to < contents.max_pieces else None
    carrying = [(size, _rho(Cell(size), contents, contents.load_g)) for size in CELLS_G if size >= contents.load_g]
    exact = tuple(each for each in carrying if each[1] >= EXACT_RHO)
    near = tuple(each for each in carrying if each[1] >= PERCENT_RHO and not now.can_be_counted)
    if now.verdict != TOO_HEAVY:
        return Remedies(exact or near, _smallest_pack(cell, contents), fewer)
    if exact or near:
        return Remedies(exact or near, None, fewer)
    for size, rho in carrying[:1]:  # the smallest one resolves best
        pack = _smallest_pack(Cell(size), contents)
        if pack is not None:
            return Remedies(((size, rho),), pack, fewer)
    return Remedies(max_pieces=fewer)


def pack_rho(cell: Cell, contents: Contents, pieces: int) -> float:
    """rho of so many pieces that come and go together."""
    spread = pieces * (contents.piece_cv * contents.apw_g) ** 2
    return pieces * contents.apw_g / sqrt(_change_variance(cell, contents.load_g) + spread)


def _rho(cell: Cell, contents: Contents, load_g: float) -> float:
    spread_g = contents.piece_cv * contents.apw_g
    return contents.apw_g / sqrt(_change_variance(cell, load_g) + spread_g**2)


def _change_variance(cell: Cell, load_g: float) -> float:
    """Of a change of weight under this load, without what the pieces themselves bring."""
    return 2 * cell.noise_g**2 + cell.wander_g**2 + (OFF_CENTRE * load_g) ** 2


def _verdict(cell: Cell, contents: Contents, rho: float) -> str:
    if contents.load_g > cell.capacity_g:
        return TOO_HEAVY
    if rho >= EXACT_RHO:
        return EXACT
    return APPROXIMATE if rho >= PERCENT_RHO else PERCENT


def _followed_to(cell: Cell, contents: Contents) -> int:
    """The load at which rho falls to 6, less the bin, in pieces; never more than the cell carries."""
    apw_g, spread_g = contents.apw_g, contents.piece_cv * contents.apw_g
    left = (apw_g / EXACT_RHO) ** 2 - spread_g**2 - _change_variance(cell, 0.0)
    if left < 0:
        return 0
    most_g = min(sqrt(left) / OFF_CENTRE, cell.capacity_g)
    return max(0, floor((most_g - contents.bin_weight_g) / apw_g))


def _told(contents: Contents, variance: float, weight_error: float) -> int:
    """The most pieces k that are told apart from k + 1, with the piece weight known but for a share `weight_error`.

    Solves SIGMAS^2 (variance + k (cv w)^2 + (k error w)^2) = (w / 2)^2.
    """
    apw_g = contents.apw_g
    per_piece, squared = (contents.piece_cv * apw_g) ** 2, (weight_error * apw_g) ** 2
    left = (apw_g / 2 / SIGMAS) ** 2 - variance
    if left < 0:
        return 0
    most = _root(squared, per_piece, -left) if squared or per_piece else float(contents.max_pieces)
    return min(contents.max_pieces, floor(most))


def _pack_error(cell: Cell, contents: Contents) -> float:
    """How well a pack that was weighed and holds what it says tells the piece weight, as a share of it."""
    weighed_g = sqrt(_change_variance(cell, contents.load_g))
    pieces = contents.pack_size
    return hypot(contents.piece_cv / sqrt(pieces), weighed_g / (pieces * contents.apw_g))


def _smallest_pack(cell: Cell, contents: Contents) -> int | None:
    """The smallest pack with rho of 6, if the bin holds one."""
    square, per_piece = contents.apw_g**2, (EXACT_RHO * contents.piece_cv * contents.apw_g) ** 2
    pieces = ceil(_root(square, -per_piece, -(EXACT_RHO**2) * _change_variance(cell, contents.load_g)))
    return pieces if 1 < pieces <= contents.max_pieces else None


def _root(a: float, b: float, c: float) -> float:
    """The larger x with a x^2 + b x + c = 0, where c is not above 0."""
    return -c / b if a == 0 else (-b + sqrt(b * b - 4 * a * c)) / (2 * a)
