"""Manifests that tests of `medconsent.data.manifest` begin with."""

import json
from datetime import date

from medconsent.data.manifest import describe


def made(folder, **other):
    settings = {
        "title": "Wisconsin",
        "summary": "Measurements.\nOf nuclei.",
        "publisher": "Hanbit Hospital",
        "contact": "data@hanbit.example",
        "license": "CC-BY-4.0",
        "url": "https://hanbit.example/wisconsin",
        "keywords": ["Breast Cancer", "유방암", "FNA!"],
        "published": date(2026, 11, 24),
    }
    return describe(folder, **(settings | other))


def change(manifest, **members):
    content = json.loads(manifest)
    content.update(members)
    return json.dumps(content).encode()
