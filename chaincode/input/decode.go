// Package input is how an argument is decoded and bounded: strict JSON, the grammars of names, text, and the bounds of docs/contract.md.
//
// Every refusal is INVALID (or TOO_LARGE) and names the member that is at fault.
package input

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"medconsent.org/chaincode/refusal"
)

// The bounds of an argument.
const (
	MaxBytes = 512 << 10
	MaxDepth = 16
	// MaxInteger is the largest integer that every JSON reader keeps exactly.
	MaxInteger = 1<<53 - 1
)

// Decode reads one JSON object (RFC 8259, UTF-8) into a struct. Names are compared byte by byte; unknown and duplicate members, null, and numbers
// that are not plain integers within ±(2^53−1) are refused.
//
// Refuses with INVALID, TOO_LARGE.
func Decode(argument []byte, into any) error {
	if len(argument) > MaxBytes {
		return refusal.New(refusal.TooLarge, "the argument has %d bytes; at most %d are taken", len(argument), MaxBytes).
			Hinting("a large manifest is published by url and hashes")
	}
	if kind := jsontext.Value(argument).Kind(); kind != '{' {
		return refusal.New(refusal.Invalid, "the argument is not a JSON object")
	}
	if err := inspect(argument, MaxDepth, argumentScalar); err != nil {
		return err
	}
	if err := json.Unmarshal(argument, into, json.RejectUnknownMembers(true)); err != nil {
		return fromJSON(err)
	}
	return nil
}

// inspect walks through a JSON text before anything is built from it, and hands each scalar to check.
func inspect(text []byte, depth int, check func(jsontext.Token) string) error {
	decoder := jsontext.NewDecoder(bytes.NewReader(text))
	for {
		token, err := decoder.ReadToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fromJSON(err)
		}
		if decoder.StackDepth() > depth {
			return refusal.New(refusal.Invalid, "the JSON is more than %d levels deep", depth).At(path(decoder.StackPointer()))
		}
		if wrong := check(token); wrong != "" {
			return refusal.New(refusal.Invalid, "%s", wrong).At(path(decoder.StackPointer()))
		}
	}
}

// argumentScalar refuses what no argument of the contract has.
func argumentScalar(token jsontext.Token) string {
	switch token.Kind() {
	case 'n':
		return "null is not a value here: leave the member out"
	case '0':
		literal := token.String()
		value, err := strconv.ParseInt(literal, 10, 64)
		if err != nil || value > MaxInteger || value < -MaxInteger || strconv.FormatInt(value, 10) != literal {
			return fmt.Sprintf("%s is not a plain integer within ±(2^53−1)", shorten(literal))
		}
	}
	return ""
}

// fromJSON says in our words what the JSON library refused.
func fromJSON(err error) error {
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		if errors.Is(err, json.ErrUnknownName) {
			return refusal.New(refusal.Invalid, "this transaction has no such member (upper and lower case matter)").At(path(semantic.JSONPointer))
		}
		if semantic.Err != nil && semantic.JSONKind == '"' {
			return refusal.New(refusal.Invalid, "%v", semantic.Err).At(path(semantic.JSONPointer))
		}
		return refusal.New(refusal.Invalid, "a JSON %s cannot stand here", kindName(semantic.JSONKind)).At(path(semantic.JSONPointer))
	}
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return refusal.New(refusal.Invalid, "the member is given twice").At(path(syntactic.JSONPointer))
		}
		return refusal.New(refusal.Invalid, "not JSON in UTF-8: %v at byte %d", syntactic.Err, syntactic.ByteOffset).At(path(syntactic.JSONPointer))
	}
	return refusal.New(refusal.Invalid, "not JSON in UTF-8")
}

func kindName(kind jsontext.Kind) string {
	switch kind {
	case '"':
		return "string"
	case '0':
		return "number"
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		return "boolean"
	}
	return "value"
}

// path writes an RFC 6901 pointer ("/members/0/id") as people do: "members[0].id".
func path(pointer jsontext.Pointer) string {
	var b strings.Builder
	for token := range pointer.Tokens() {
		if _, err := strconv.ParseUint(token, 10, 32); err == nil {
			b.WriteString("[" + token + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(token)
	}
	return shorten(b.String())
}

// shorten keeps what a caller wrote from filling a refusal.
func shorten(s string) string {
	const most = 120
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
