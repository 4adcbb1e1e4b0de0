"""The contract's countries are those of ISO 3166-1, as pycountry has them (from Debian's iso-codes)."""

import pycountry

from medconsent.contract import words


def test_the_contract_has_each_country_once():
    assert list(words("countries")) == sorted(country.alpha_2 for country in pycountry.countries)
