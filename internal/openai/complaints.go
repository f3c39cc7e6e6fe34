package openai

import (
	"fmt"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// shown is how many complaints an answer has; the others are only counted.
const shown = 20

// complaint is one thing that is wrong with a request.
type complaint struct{ param, text string }

// complaints collects them, so that a caller mends a request once.
type complaints struct {
	kept []complaint
	more int
}

func (c *complaints) full() bool { return len(c.kept) == shown }

func (c *complaints) count() int { return len(c.kept) + c.more }

func (c *complaints) add(param, format string, args ...any) {
	if c.full() {
		c.more++
		return
	}
	c.kept = append(c.kept, complaint{param, fmt.Sprintf(format, args...)})
}

// fault returns all complaints as one fault, or nil.
func (c *complaints) fault() error {
	if len(c.kept) == 0 {
		return nil
	}
	texts := make([]string, len(c.kept), len(c.kept)+1)
	for i, one := range c.kept {
		texts[i] = one.text
	}
	if c.more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", c.more))
	}
	return fault.New(fault.Invalid, "%s", strings.Join(texts, "; ")).WithParam(c.kept[0].param)
}

// required returns a string that must be there.
func (c *complaints) required(members map[string][]byte, name string) string {
	if absent(members[name]) {
		c.add(name, "%s is missing", name)
		return ""
	}
	s := c.optional(members, name)
	if s == "" && members[name][0] == '"' {
		c.add(name, "%s is empty", name)
	}
	return s
}

// optional returns a string that may be missing or null.
func (c *complaints) optional(members map[string][]byte, name string) string {
	switch value := members[name]; {
	case absent(value):
		return ""
	case value[0] != '"':
		c.add(name, "%s must be a string, not %s", name, kindOf(value))
		return ""
	default:
		return unquote(value)
	}
}
