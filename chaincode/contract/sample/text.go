package sample

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

// PlainText is a private text.
const PlainText = "환자 여섯 명의 영상을 다시 읽습니다.\nSix patients' images are read again."

// Salt is what the commitment to it is made with.
var Salt = bytes.Repeat([]byte{7}, 32)

// Commitment is computed as docs/contract.md says, and not by the program.
func Commitment(text string, salt []byte) string {
	sum := sha256.Sum256([]byte("medconsent/text/1\x00" + string(salt) + text))
	return hex.EncodeToString(sum[:])
}

// Private runs one of the transactions on private text at an institution's peer, with what is sent beside it.
func (w *World) Private(who, peer, name string, argument object, transient map[string][]byte) (*ledgertest.Stub, object, *refusal.Error) {
	w.Helper()
	w.Count++
	stub := w.Ledger.Begin(DigestOf(fmt.Sprint("tx", w.Count)), w.Now, w.Person(who))
	stub.Transient, stub.Peer = transient, peer
	response := Run(w, stub, name, Text(argument))
	if response.Status != 200 {
		if len(stub.Writes) > 0 || stub.EventName != "" {
			w.Fatal("what is refused writes nothing")
		}
		return stub, nil, Parsed(w, response.Message)
	}
	answer := object{}
	if err := json.Unmarshal(response.Payload, &answer); err != nil {
		w.Fatal(err)
	}
	return stub, answer, nil
}

// Sent is a private text as a client sends it, beside the argument.
func Sent(text string, salt []byte) map[string][]byte {
	return map[string][]byte{"text": []byte(text), "salt": salt}
}
