package input

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// invisible are characters that show nothing and are not format characters by category: joiners and fillers that let two texts look alike.
var invisible = map[rune]bool{0x034F: true, 0x115F: true, 0x1160: true, 0x17B4: true, 0x17B5: true, 0x3164: true, 0xFFA0: true}

// Text checks free text of least to most characters: NFC (Unicode Standard Annex 15), one line, without control, bidirectional-control or
// zero-width characters, and with no space at either end.
func (c *Checker) Text(field, value string, least, most int) {
	if c.note(field, value == "" && least > 0, textSchema(least, most)) {
		return
	}
	length := utf8.RuneCountInString(value)
	c.Require(length >= least, field, "it is missing")
	c.Require(length <= most, field, "it has %d characters; at most %d are taken", length, most)
	if c.err != nil || length == 0 {
		return
	}
	if c.shows(field, value); c.err != nil {
		return
	}
	first, _ := utf8.DecodeRuneInString(value)
	last, _ := utf8.DecodeLastRuneInString(value)
	c.Require(!unicode.IsSpace(first) && !unicode.IsSpace(last), field, "it begins or ends with a space")
	c.Require(norm.NFC.IsNormalString(value), field, "it is not in the Unicode normal form NFC")
}

// Shows checks words that the program has put together of at most so many bytes: one line of characters that show, as Text asks.
func (c *Checker) Shows(field, value string, most int) {
	c.Require(len(value) <= most, field, "it has %d bytes; at most %d are taken", len(value), most)
	c.shows(field, value)
}

func (c *Checker) shows(field, value string) {
	for at, r := range value {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || invisible[r] {
			c.Fail(field, "the character U+%04X at byte %d does not show or changes how the rest is shown", r, at)
			return
		}
	}
}
