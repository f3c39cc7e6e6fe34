package corpus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// jsonl is a file with one JSON object a line.
type jsonl struct {
	scanner   *scanner
	field, id string
}

func (j jsonl) next() (Row, error) {
	line, long, err := j.scanner.next()
	if err != nil {
		return Row{}, err
	}
	row := Row{Line: j.scanner.line, End: j.scanner.offset}
	switch {
	case long:
		row.Problem = problemLong
	case !utf8.Valid(line):
		row.Problem = problemBinary
	case len(bytes.TrimSpace(line)) == 0:
		row.Problem = "the line is empty"
	default:
		j.read(&row, line)
	}
	return row, nil
}

func (j jsonl) read(row *Row, line []byte) {
	var members map[string]json.RawMessage
	if json.Unmarshal(line, &members) != nil || members == nil {
		row.Problem = "the line is not a JSON object"
		return
	}
	if j.id != "" {
		id := members[j.id]
		if kind := kindOf(id); kind != "a string" && kind != "a number" {
			row.Problem = fmt.Sprintf("the identifier %s is %s, not a string or a number", j.id, kind)
			return
		}
		row.ID = bytes.Clone(id)
	}
	text := members[j.field]
	if kind := kindOf(text); kind != "a string" {
		row.Problem = fmt.Sprintf("%s is %s, not a string", j.field, kind)
		return
	}
	var s string
	if json.Unmarshal(text, &s) != nil {
		row.Problem = fmt.Sprintf("%s is no valid string", j.field)
		return
	}
	row.setText(s)
}

// kindOf names what a JSON value is.
func kindOf(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "missing"
	}
	switch raw[0] {
	case '"':
		return "a string"
	case '[':
		return "a list"
	case '{':
		return "an object"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "a number"
}
