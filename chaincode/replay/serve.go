package replay

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// mostTransaction is the most bytes that a transaction can have here: what peers take, and some.
const mostTransaction = 200 << 20

// Serve judges the blocks that are handed in, and answers each with one line of JSON. A block is a line of JSON (Block), and after it the bytes of its transactions.
// The line {"end": true} is answered with what stands then (Ended), and is the last.
func Serve(from io.Reader, to io.Writer, chaincode string) error {
	in, out := bufio.NewReaderSize(from, 1<<20), bufio.NewWriterSize(to, 1<<20)
	answers, replay := json.NewEncoder(out), New(chaincode)
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			return out.Flush()
		}
		if err != nil {
			return err
		}
		var handed struct {
			Block
			End bool `json:"end"`
		}
		if err := json.Unmarshal(line, &handed); err != nil {
			return fmt.Errorf("a line is no block: %w", err)
		}
		if handed.End {
			if err := answers.Encode(replay.End()); err != nil {
				return err
			}
			return out.Flush()
		}
		for i := range handed.Transactions {
			one := &handed.Transactions[i]
			if one.Size < 0 || one.Size > mostTransaction {
				return fmt.Errorf("a transaction of block %d has %d bytes", handed.Number, one.Size)
			}
			one.Envelope = make([]byte, one.Size)
			if _, err := io.ReadFull(in, one.Envelope); err != nil {
				return err
			}
		}
		if err := answers.Encode(replay.Judge(handed.Block)); err != nil {
			return err
		}
		if in.Buffered() == 0 { // whoever hands in several at a time waits for none of the answers
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
}
