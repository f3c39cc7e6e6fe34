package openai

import (
	"bytes"
	"strconv"
)

// alone is the index of a text that stands by itself, not in a list.
const alone = -1

// input returns the texts of a string or a list of strings. They are taken out
// only when all of them are good, so that a bad list costs no memory.
func (c *complaints) input(value []byte) []string {
	if absent(value) {
		c.add("input", "input is missing")
		return nil
	}
	before := c.count()
	n := 0
	switch value[0] {
	case '"':
		c.text(alone, value)
		if c.count() == before {
			return []string{unquote(value)}
		}
		return nil
	case '[':
		n = c.texts(value)
	default:
		c.add("input", "input must be a string or a list of strings, not %s", kindOf(value))
	}
	if c.count() > before {
		return nil
	}
	texts := make([]string, 0, n)
	for element := range elementsOf(value) {
		texts = append(texts, unquote(element))
	}
	return texts
}

// texts checks a list and returns how many elements it has. Lists of numbers are
// token ids, which only OpenAI's own models understand: the first of them ends it.
func (c *complaints) texts(list []byte) (n int) {
	for element := range elementsOf(list) {
		switch element[0] {
		case '"':
			c.text(n, element)
		case 't', 'f', 'n', '{':
			c.element(n, "must be a string, not ", kindOf(element))
		default:
			c.add("input", "input consists of token ids, which Bedrock's models do not accept: send text. "+
				"With LangChain set check_embedding_ctx_length=False")
			return n
		}
		n++
	}
	if n == 0 {
		c.add("input", "input is an empty list")
	}
	return n
}

// text checks one text.
func (c *complaints) text(i int, quoted []byte) {
	switch {
	case len(quoted) == 2:
		c.element(i, "is an empty string", "")
	case bytes.Contains(quoted, []byte(`\u`)) && halfPair(quoted):
		c.element(i, "has an unpaired surrogate in its escapes", "")
	}
}

// element complains of one text: "input" when it stands alone, "input[3]" in a list.
func (c *complaints) element(i int, says, what string) {
	if c.full() {
		c.more++ // a list of millions of bad texts must cost nothing
		return
	}
	name := "input"
	if i != alone {
		name += "[" + strconv.Itoa(i) + "]"
	}
	c.add(name, "%s %s%s", name, says, what)
}
