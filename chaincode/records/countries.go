package records

import (
	"fmt"
	"slices"
	"strings"
)

// Countries lists ISO 3166-1 alpha-2: a restriction to a country that is none would let nobody in, or mean nothing. A test of the SDK compares it with pycountry, which
// follows Debian's iso-codes.
var Countries = strings.Fields(`
	AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ
	BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR
	CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
	GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU
	ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ
	LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ
	MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF
	PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI
	SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR
	TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
`)

// otherCountries are codes that people write and that are none of ISO 3166-1.
var otherCountries = map[string]string{
	"UK": "write GB",
	"EU": "it is no country: name each of its countries",
	"EL": "write GR",
	"AN": "it is no country any more: write BQ, CW or SX",
	"SU": "it is no country any more",
	"YU": "it is no country any more",
	"XK": "ISO 3166-1 has no code for it",
}

// NoCountry says why a code of two letters names no country, and what to write; empty when it names one.
func NoCountry(code string) string {
	if slices.Contains(Countries, code) {
		return ""
	}
	if told, known := otherCountries[code]; known {
		return fmt.Sprintf("%s is no country of ISO 3166-1: %s", code, told)
	}
	return code + " is no country of ISO 3166-1"
}
