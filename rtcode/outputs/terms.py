"""Values that name no person: defined terms of coded attributes, and the words that vendors put into equipment names.

What is in these lists may be shown at every level of identifiers; a value of a coded attribute that is not in its list
is free text, however much it looks like a term.
"""

from __future__ import annotations

import re

#: Defined terms (PS3.3 C.8.8.9 to C.8.8.14, C.8.8.28, C.36) by keyword, with the few other words that systems write.
_TERMS = {
    "ApplicatorApertureShape": "SYM_SQUARE SYM_RECTANGLE SYM_CIRCULAR",
    "ApplicatorType": "ELECTRON_SQUARE ELECTRON_RECT ELECTRON_CIRC ELECTRON_SHORT ELECTRON_OPEN PHOTON_SQUARE "
    "PHOTON_RECT PHOTON_CIRC INTRAOPERATIVE STEREOTACTIC",
    "ApprovalStatus": "APPROVED UNAPPROVED REJECTED",
    "BeamDoseMeaning": "BEAM_LEVEL FRACTION_LEVEL",
    "BeamType": "STATIC DYNAMIC",
    "BlockType": "SHIELDING APERTURE",
    "BrachyTreatmentTechnique": "INTRALUMENARY INTRACAVITARY INTERSTITIAL CONTACT INTRAVASCULAR PERMANENT",
    "BrachyTreatmentType": "MANUAL HDR MDR LDR PDR",
    "CodingSchemeDesignator": "DCM SCT SRT SNM3 UCUM",
    "CompensatorType": "STANDARD DYNAMIC",
    "DoseReferenceStructureType": "POINT VOLUME COORDINATES SITE",
    "DoseReferenceType": "TARGET ORGAN_AT_RISK",
    "FixationDeviceType": "BITEBLOCK HEADFRAME MASK MOLD CAST HEADREST BREAST_BOARD BODY_FRAME VACUUM_MOLD "
    "WHOLE_BODY_POD RECTAL_BALLOON",
    "FluenceMode": "STANDARD NON_STANDARD",
    "FluenceModeID": "FFF SRS HDTSE TBI",
    "GantryRotationDirection": "CW CC NONE",
    "GeneralAccessoryType": "GRATICULE IMAGE_DETECTOR RETICLE TRAY SLIDE",
    "HighDoseTechniqueType": "NORMAL TBI HDR SRS HDTSE",
    "Modality": "RTPLAN",
    "PatientPosition": "HFS HFP HFDR HFDL FFS FFP FFDR FFDL LFS LFP RFS RFP AFDR AFDL PFDR PFDL SITTING",
    "PlanIntent": "CURATIVE PALLIATIVE PROPHYLACTIC VERIFICATION MACHINE_QA RESEARCH SERVICE",
    "PrimaryDosimeterUnit": "MU MINUTE NP",
    "RTBeamLimitingDeviceType": "X Y ASYMX ASYMY MLCX MLCY MLCX1 MLCX2",
    "RTPlanGeometry": "PATIENT TREATMENT_DEVICE",
    "RTPlanRelationship": "PRIOR ALTERNATIVE PREDECESSOR VERIFIED_PLAN CONCURRENT",
    "RadiationType": "PHOTON ELECTRON NEUTRON PROTON ION",
    "RespiratoryMotionCompensationTechnique": "NONE BREATH_HOLD REALTIME GATING TRACKING PHASE_ORDERING "
    "PHASE_RESCANNING RETROSPECTIVE CORRECTION UNKNOWN",
    "RespiratorySignalSource": "NONE BELT NASAL_PROBE CO2_SENSOR NAVIGATOR MR_PHASE ECG SPIROMETER EXTERNAL_MARKER "
    "INTERNAL_MARKER IMAGE UNKNOWN",
    "SetupTechnique": "ISOCENTRIC FIXED_SSD TBI BREAST_BRIDGE SKIN_APPOSITION",
    "ShieldingDeviceType": "GUM EYE GONAD",
    "TreatmentDeliveryType": "TREATMENT OPEN_PORTFILM TRMT_PORTFILM CONTINUATION SETUP VERIFICATION",
    "WedgePosition": "IN OUT",
    "WedgeType": "STANDARD DYNAMIC MOTORIZED",
}
_BY_KEYWORD = {keyword: frozenset(terms.split()) for keyword, terms in _TERMS.items()}
#: All of them.
DEFINED_TERMS = frozenset().union(*_BY_KEYWORD.values())

#: Code values of PS3.16 that detectors look for; all of them have six digits.
_DICOM_CODE = re.compile(r"1[0-9]{5}")

#: Words of manufacturers' and models' names, folded; a name of which any word is missing here is free text.
_EQUIPMENT_TEXT = """
    ab ag co company corp corporation gmbh inc incorporated international kk laboratories limited llc ltd
    products sa company health healthcare healthineers imaging instruments medical oncology radiation
    radiotherapy software solution solutions system systems technologies technology therapy treatment planning
    linac accelerator generic other accuray cyberknife multiplan precision radixact tomotherapy hi art hda
    synchrony adac philips pinnacle pinnacle3 brainlab elements iplan rt dose doseplanning cms xio monaco elekta
    agility axesse compact evo harmony hd infinity masterplan mosaiq nucletron oncentra precise synergy unity
    versa leksell gammaknife gamma knife flexitron hitachi mitsubishi iba proteus one plus mevion s250i sumitomo
    probeam particle vpt intraop mobetron liac novac xoft axxent sordina xstrahl zeiss intrabeam mim raysearch
    raystation raycare reflexion x1 siemens artiste mevatron oncor primus syngo varian aria radonc chart bravos
    clinac c series eclipse edge ethos halcyon identify novalis novalistx trilogy truebeam stx unique vision
    vitalbeam viewray mridian zap x
"""
_EQUIPMENT = frozenset(_EQUIPMENT_TEXT.split())
_NUMBER = re.compile(r"[0-9]{1,2}")
#: A version such as 15.6 is two numbers; more could be a date.
_MOST_NUMBERS = 2


def has_terms(keyword: str) -> bool:
    """Whether an attribute is coded, so that some of its values may be shown at every level."""
    return keyword in _BY_KEYWORD or keyword == "CodeValue"


def is_term(keyword: str, value: str) -> bool:
    """Whether a value is one of the attribute's terms (or several); case, and blanks for underscores, do not matter."""
    if len(value) > 256:
        return False
    words = [word.strip().upper().replace(" ", "_") for word in value.split("\\")]
    if keyword == "CodeValue":
        return all(_DICOM_CODE.fullmatch(word) for word in words)
    terms = _BY_KEYWORD.get(keyword, frozenset())
    return all(word in terms or not word for word in words)


def is_equipment(value: str) -> bool:
    """Whether a manufacturer or model consists of vendors' words and at most a version."""
    if len(value) > 64 or not value.isascii():
        return False
    words = [word for word in re.split(r"[^a-z0-9]+", value.lower()) if word]
    numbers = sum(_NUMBER.fullmatch(word) is not None for word in words)
    return numbers <= _MOST_NUMBERS and all(word in _EQUIPMENT or _NUMBER.fullmatch(word) for word in words)
