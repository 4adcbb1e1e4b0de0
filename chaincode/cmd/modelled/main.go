// Command modelled is the real contract on a channel in memory, for a model of the rules in another language (tests/unit/model). It reads commands from its standard
// input, one JSON object a line, and answers each with one line.
//
// It is no part of the product. Whatever is committed passes through what Fabric would do with it (package ledgertest): endorsements, key-level policies, read versions.
// Honest institutions endorse what the contract makes of a call, at their own clock, and nothing else; those that a history names as dishonest endorse anything.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "modelled:", err)
		os.Exit(1)
	}
}

func serve(from io.Reader, to io.Writer) error {
	lines, out := bufio.NewReader(from), bufio.NewWriter(to)
	answers := json.NewEncoder(out)
	history := newHistory()
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		var command command
		answer, err := any(nil), json.Unmarshal(line, &command)
		if err == nil {
			answer, err = history.obey(command)
		}
		if err != nil {
			answer = map[string]string{"fault": err.Error()}
		}
		if err := answers.Encode(answer); err != nil {
			return err
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
}
