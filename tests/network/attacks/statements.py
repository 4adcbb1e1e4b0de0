"""What is said in more than one attack: of people in the data, of de-identification, of diseases."""

from medconsent.ontology.pages import StatedTerm

DOCUMENT = {"url": "https://hanbit.example/form", "sha256": "9f" * 32}
USE = [{"permission": "GRU"}]
EPOCH = {
    "root": "ab" * 32,
    "people": "100-999",
    "withdrawn": "under-20",
    "use": USE,
    "law": {"code": "KR-BIOETHICS-CONSENT"},
    "wording": DOCUMENT,
}
STATEMENT = {
    "law": "KR-PIPA",
    "term": "pseudonymous",
    "methods": [{"method": "masking", "tool": "a tool", "tool_version": "1"}],
    "residual_risk": "little",
    "report": {"sha256": "9f" * 32},
}
C50 = [{"permission": "DS", "diseases": ["ICD10:C50"]}]
TERMS = (
    StatedTerm("DOID:4", "disease", ()),
    StatedTerm("DOID:162", "cancer", ("DOID:4",)),
    StatedTerm("DOID:1612", "breast cancer", ("DOID:162",)),
    StatedTerm("DOID:2841", "asthma", ("DOID:4",)),
)
CANCER = [{"permission": "DS", "diseases": ["DOID:162"]}]
BREAST, ASTHMA = ({"kind": "disease", "diseases": [term]} for term in ("DOID:1612", "DOID:2841"))
