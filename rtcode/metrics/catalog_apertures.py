"""The catalog's entries of the aperture metrics."""

from __future__ import annotations

from rtcode.metrics.crowe2014 import SIZES_MM
from rtcode.metrics.definition import Combination, Definition, Sense

_MCNIVEN = "McNiven et al., Med Phys 2010;37:505, doi:10.1118/1.3276775"
_MASI = "Masi et al., Med Phys 2013;40:071718, doi:10.1118/1.4810969"
_YOUNGE = "Younge et al., Med Phys 2012;39:7160, doi:10.1118/1.4762566"
_DU = "Du et al., Med Phys 2014;41:021716, doi:10.1118/1.4861821"
_CROWE = "Crowe et al., Australas Phys Eng Sci Med 2014;37:475, doi:10.1007/s13246-014-0274-9"
_TOOL = "rtplan-complexity 1.1.0 (PyPI), compared with it"

#: Change in percent, from the first to the third quartile of 194 beams of public plans in which leaves move (extremes
#: in parentheses), when each segment is written as two of half the meterset: ``benchmarks/bench_sampling.py``.
_SAMPLING = {
    ("mcniven2010", "lsv"): "0 to 0.2 (-23, 3.9)",
    ("mcniven2010", "aav"): "-0.1 to 0 (-2.3, 0.3)",
    ("mcniven2010", "mcs"): "0 to 0.1 (-26, 2)",
    ("mcniven2010_n", "lsv"): "0 to 0.2 (-23, 3.5)",
    ("mcniven2010_n", "mcs"): "0 to 0.1 (-26, 1.6)",
    ("mcniven2010_all", "lsv"): "0 to 0.2 (-1.4, 3.9)",
    ("mcniven2010_all", "mcs"): "0 to 0.1 (-2.3, 2)",
    ("mcniven2010_arcs", "lsv"): "-0.1 to 0 (-6.4, 10)",
    ("mcniven2010_arcs", "aav"): "-1.4 to -0.1 (-4.3, 0.3)",
    ("mcniven2010_arcs", "mcs"): "-1.4 to -0.1 (-6, 7.5)",
    ("mcniven2010_raw", "lsv"): "0 to 0.2 (-23, 3.9)",
    ("mcniven2010_raw", "aav"): "-0.1 to 0 (-2.3, 0.3)",
    ("mcniven2010_raw", "mcs"): "-0.1 to 0.1 (-26, 2)",
    ("rtplan_complexity", "lsv"): "-0.1 to 0.1 (-9.5, 14)",
    ("rtplan_complexity", "aav"): "-1.6 to -0.1 (-9.1, 0)",
    ("rtplan_complexity", "mcs"): "-1.3 to -0.1 (-9.1, 9.8)",
    ("masi2013", "mcsv"): "0 to 0.2 (-26, 2.1)",
    ("masi2013", "lt_mm"): "0",
    ("masi2013", "ltmcs"): "0 to 0.2 (-26, 2.1)",
    ("younge2012", "em_per_mm"): "-1.6 to 0 (-3.7, 0.3)",
    ("younge2012", "em_all_edges_per_mm"): "-1.3 to 0 (-20, 27)",
    ("younge2012", "em_half_perimeter_per_mm"): "-1.3 to 0 (-20, 27)",
    ("du2014", "ba_mm2"): "0 (-0.6, 0.3)",
    ("du2014", "bi"): "-2 to 0 (-19, 25)",
    ("du2014", "bm"): "0.1 to 2.6 (0, 27)",
    ("du2014", "union_mm2"): "0.2 to 12 (0, 91)",
    ("crowe2014", "sas_2mm"): "-8.2 to 0 (-50, 7.1)",
    ("crowe2014", "sas_5mm"): "-3.7 to 0.2 (-50, 50)",
    ("crowe2014", "sas_10mm"): "-2.8 to 0 (-40, 16)",
    ("crowe2014", "sas_20mm"): "0 to 0.2 (-11, 36)",
    ("crowe2014_visible", "sas_2mm"): "-8.2 to 0 (-50, 7.1)",
    ("crowe2014_visible", "sas_5mm"): "-3.9 to 0.2 (-50, 50)",
    ("crowe2014_visible", "sas_10mm"): "-2.8 to 0 (-40, 16)",
    ("crowe2014_visible", "sas_20mm"): "0 to 0.2 (-11, 36)",
}


def _mean(
    profile: str, name: str, label: str, unit: str, text: str, source: str, sense: Sense, in_plan: str = ""
) -> Definition:
    sampling = _SAMPLING[profile, name] + " %"
    return Definition(profile, name, label, unit, text, source, sense, sampling, Combination.MEAN, in_plan or name)


def _mcniven(profile: str, names: tuple[str, ...], how: str, source: str = _MCNIVEN) -> list[Definition]:
    texts = {
        "lsv": ("LSV", "leaf sequence variability: how even the leaf ends of each bank are, 1 where straight"),
        "aav": ("AAV", "aperture area variability: openings against the envelope of all apertures of the beam"),
        "mcs": ("MCS", "modulation complexity score: mean of LSV times AAV, 1 for one open rectangle"),
    }
    return [_mean(profile, name, texts[name][0], "", f"{texts[name][1]}; {how}", source, Sense.LOWER) for name in names]


APERTURE_DEFINITIONS: tuple[Definition, ...] = (
    *_mcniven("mcniven2010", ("lsv", "aav", "mcs"), "open pairs, N - 1, at control points"),
    *_mcniven("mcniven2010_n", ("lsv", "mcs"), "divided by N"),
    *_mcniven("mcniven2010_all", ("lsv", "mcs"), "closed pairs inside the jaws count too"),
    *_mcniven("mcniven2010_arcs", ("lsv", "aav", "mcs"), "at the middle of control arcs"),
    *_mcniven("mcniven2010_raw", ("lsv", "aav", "mcs"), "ends as planned, also behind jaws"),
    *_mcniven(
        "rtplan_complexity",
        ("lsv", "aav", "mcs"),
        "as that program prints it: largest step for the range, sum of largest openings for the envelope",
        _TOOL,
    ),
    _mean(
        "masi2013", "mcsv", "MCSv", "", "MCS of an arc, from the means of LSV and AAV at both ends of each segment",
        _MASI, Sense.LOWER,
    ),
    _mean(
        "masi2013", "lt_mm", "LT", "mm", "leaf travel over an arc, mean over the leaves that move in the field",
        _MASI, Sense.HIGHER,
    ),
    _mean(
        "masi2013", "ltmcs", "LTMCS", "", "MCSv times (1000 mm - LT) / 1000 mm; unknown beyond 1000 mm",
        _MASI, Sense.LOWER,
    ),
    _mean(
        "younge2012", "em_per_mm", "Edge metric", "1/mm", "leaf sides of the outline over its area (C1 0, C2 1)",
        _YOUNGE, Sense.HIGHER,
    ),
    _mean(
        "younge2012", "em_all_edges_per_mm", "Edge metric, all edges", "1/mm",
        "whole outline over its area (C1 1, C2 1)",
        _YOUNGE, Sense.HIGHER,
    ),
    _mean(
        "younge2012", "em_half_perimeter_per_mm", "Edge metric, half perimeter", "1/mm",
        "half of the outline over its area, as some programs print the edge metric",
        _YOUNGE, Sense.HIGHER,
    ),
    _mean("du2014", "ba_mm2", "BA (plan: PA)", "mm2", "mean aperture area", _DU, Sense.LOWER, "pa_mm2"),
    _mean(
        "du2014", "bi", "BI (plan: PI)", "",
        "mean irregularity, perimeter squared / (4 pi area): 1 for a circle, 1.273 for a square",
        _DU, Sense.HIGHER, "pi",
    ),
    _mean(
        "du2014", "bm", "BM (plan: PM)", "", "modulation: 1 - mean area / area open in any aperture",
        _DU, Sense.HIGHER, "pm",
    ),
    Definition(
        "du2014", "union_mm2", "Union", "mm2", "area that is open in at least one aperture of the beam",
        _DU, Sense.NEITHER, _SAMPLING["du2014", "union_mm2"] + " %", Combination.NONE, None,
    ),
    *(
        _mean(
            "crowe2014", f"sas_{size}mm", f"SAS {size} mm", "", f"share of open pairs whose gap is less than {size} mm",
            _CROWE, Sense.HIGHER,
        )
        for size in SIZES_MM
    ),
    *(
        _mean(
            "crowe2014_visible", f"sas_{size}mm", f"SAS {size} mm, visible", "",
            f"share of open pairs of whose gap the jaws leave less than {size} mm open",
            _CROWE, Sense.HIGHER,
        )
        for size in SIZES_MM
    ),
)  # fmt: skip
