"""Kinds of error by topic. Each module lists its `KINDS`."""

from __future__ import annotations

from benchmarks.seeded.errors import (
    arcs,
    devices,
    energy,
    fields,
    geometry,
    identity,
    isocenters,
    leaves,
    meterset,
    modifiers,
    prescription,
    setup,
    status,
    structure,
    weights,
)
from benchmarks.seeded.kinds import Kind

KINDS: tuple[Kind, ...] = (
    *isocenters.KINDS,
    *energy.KINDS,
    *meterset.KINDS,
    *weights.KINDS,
    *prescription.KINDS,
    *geometry.KINDS,
    *arcs.KINDS,
    *leaves.KINDS,
    *devices.KINDS,
    *modifiers.KINDS,
    *setup.KINDS,
    *fields.KINDS,
    *structure.KINDS,
    *status.KINDS,
    *identity.KINDS,
)

if len({kind.id for kind in KINDS}) != len(KINDS):
    raise ValueError("two kinds of error have the same id")
