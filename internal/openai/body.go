package openai

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/fault"
)

// fields are all that a body may have. user is accepted and not used.
func fields() []string {
	return []string{"model", "input", "encoding_format", "dimensions", "input_type", "truncate", "user"}
}

// field returns the parameter that a name in quotes stands for, or "".
func field(quoted []byte) string {
	const longest = 6 * len(`"encoding_format"`) // each letter may be an escape
	name := quoted[1 : len(quoted)-1]
	if len(quoted) <= longest && bytes.IndexByte(name, '\\') >= 0 {
		name = []byte(unquote(quoted))
	}
	for _, known := range fields() {
		if string(name) == known {
			return known
		}
	}
	return ""
}

// object takes the members that a body may have out of it, and complains of the
// others. A name that comes twice is refused: which of the two was meant cannot
// be known.
func (c *complaints) object(body []byte) (map[string][]byte, error) {
	top := bytes.TrimLeft(body, " \t\r\n")
	switch {
	case len(top) == 0:
		return nil, fault.New(fault.Invalid, "the body is empty").WithRemedy(example)
	case !utf8.Valid(body):
		return nil, fault.New(fault.Invalid, "the body is not valid UTF-8").WithRemedy("Encode it as UTF-8.")
	case !json.Valid(body):
		return nil, noObject(syntax(body))
	case top[0] != '{':
		return nil, noObject("it is " + kindOf(top))
	}
	members := make(map[string][]byte, 8)
	var unknown []string
	for quoted, value := range membersOf(top) {
		name := field(quoted)
		if name == "" && c.full() {
			c.more++
			continue
		}
		_, twice := members[name]
		if name == "" {
			name = unquote(quoted)
			twice = slices.Contains(unknown, name)
			unknown = append(unknown, name)
			c.add(clip(name), "unknown parameter %q", clip(name))
		} else {
			members[name] = value
		}
		if twice {
			return nil, noObject(fmt.Sprintf("it has %q twice", clip(name)))
		}
	}
	slices.SortFunc(c.kept, func(a, b complaint) int { return strings.Compare(a.param, b.param) })
	return members, nil
}

const example = `Send an object such as {"model": "NAME", "input": ["text"]}.`

func noObject(why string) error {
	return fault.New(fault.Invalid, "the body is not a JSON object: %s", why).WithRemedy(example)
}

// syntax says where a body stops being JSON, without Go's words.
func syntax(body []byte) string {
	var wrong *json.SyntaxError
	err := json.Unmarshal(body, new(json.RawMessage))
	switch {
	case !errors.As(err, &wrong):
		return "it is not JSON"
	case wrong.Error() == "unexpected end of JSON input":
		return "it ends unexpectedly"
	case strings.HasSuffix(wrong.Error(), "after top-level value") && bytes.TrimLeft(body, " \t\r\n")[0] == '{':
		return "something follows the object"
	}
	return fmt.Sprintf("syntax error at byte %d", wrong.Offset)
}

// clip keeps what a client made up short enough for an answer.
func clip(s string) string {
	if len(s) <= 64 {
		return s
	}
	return strings.ToValidUTF8(s[:64], "") + "…"
}
