package emulator

import (
	"math"
	"unicode/utf8"
)

// cohereAnswer is what a Cohere body asks the answer to look like.
type cohereAnswer struct {
	echo   string   // the key that the input came in, and goes back in
	types  []string // embedding_types; nil when absent
	byType bool     // embeddings is an object keyed by type
	dims   int
	window int // tokens per text
}

// reply embeds the texts. A text beyond the window is cut where the request
// allows that; otherwise the whole request fails, and the error does not say
// which text it was.
func (c *cohereAnswer) reply(j job, texts []string, cut, fromStart bool) (reply, *awsError) {
	tokens, kept := 0, make([]string, len(texts))
	for i, text := range texts {
		n := countTokens(text)
		kept[i] = text
		if n > c.window {
			if !cut {
				return reply{}, validation(textTooLong)
			}
			kept[i], n = cutTokens(text, c.window, fromStart), c.window
		}
		tokens += n
	}
	size := 256
	for _, t := range texts {
		size += len(t) + 8
	}
	b := make([]byte, 0, size+len(texts)*c.dims*13)
	b = append(b, `{"embeddings":`...)
	b = c.appendEmbeddings(b, kept[:j.keep(len(kept))])
	b = append(b, `,"id":"`+newRequestID()+`","response_type":"`...)
	if c.byType {
		b = append(b, `embeddings_by_type`...)
	} else {
		b = append(b, `embeddings_floats`...)
	}
	b = append(b, `","`+c.echo+`":`...)
	b = c.appendEcho(b, j, texts)
	return reply{body: append(b, '}'), tokens: tokens, header: true, texts: len(texts)}, nil
}

// appendEmbeddings writes the array, or the object keyed by type.
func (c *cohereAnswer) appendEmbeddings(b []byte, texts []string) []byte {
	if !c.byType {
		b = append(b, '[')
		for i, text := range texts {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendVector(b, embedText(text, c.dims), appendJava)
		}
		return append(b, ']')
	}
	types := c.types
	if types == nil {
		types = []string{"float"}
	}
	vectors := make([][]float32, len(texts))
	for i, text := range texts {
		vectors[i] = embedText(text, c.dims)
	}
	b = append(b, '{')
	for t, name := range types {
		if t > 0 {
			b = append(b, ',')
		}
		b = append(b, `"`+name+`":[`...)
		for i, v := range vectors {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendTyped(b, v, name)
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// appendTyped writes one vector as the type asks. A float is taken as one
// 127th per step times eight, so that usual values use the range; the binary
// types pack eight dimensions into a number, highest bit first.
func appendTyped(b []byte, v []float32, name string) []byte {
	switch name {
	case "int8", "uint8":
		steps := make([]int, len(v))
		for i, x := range v {
			steps[i] = max(-128, min(127, int(math.Round(float64(x)*127*8))))
			if name == "uint8" {
				steps[i] += 128
			}
		}
		return appendInts(b, steps)
	case "binary", "ubinary":
		packed := make([]int, len(v)/8)
		for i, bit := range signs(v[:len(packed)*8]) {
			packed[i/8] |= bit << (7 - i%8)
		}
		if name == "binary" {
			for i := range packed {
				packed[i] -= 128
			}
		}
		return appendInts(b, packed)
	}
	return appendVector(b, v, appendJava)
}

// appendEcho writes the input back, as Cohere's answers do.
func (c *cohereAnswer) appendEcho(b []byte, j job, texts []string) []byte {
	if c.echo == "inputs" {
		inputs, _ := j.body.member("inputs")
		return appendValue(b, inputs)
	}
	b = append(b, '[')
	for i, text := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSONString(b, text)
	}
	return append(b, ']')
}

// appendValue writes a parsed value again.
func appendValue(b []byte, v value) []byte {
	switch v.kind {
	case kindString:
		return appendJSONString(b, v.text)
	case kindArray:
		b = append(b, '[')
		for i, item := range v.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendValue(b, item)
		}
		return append(b, ']')
	case kindObject:
		b = append(b, '{')
		for i, m := range v.members {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendJSONString(b, m.name), ':')
			b = appendValue(b, m.value)
		}
		return append(b, '}')
	default:
		return append(b, v.text...)
	}
}

// cutRunes keeps n characters of s, the last ones when fromStart is set.
func cutRunes(s string, n int, fromStart bool) string {
	drop := utf8.RuneCountInString(s) - n
	if drop <= 0 {
		return s
	}
	if !fromStart {
		drop = n
	}
	for i := range s {
		if drop == 0 {
			if fromStart {
				return s[i:]
			}
			return s[:i]
		}
		drop--
	}
	return s
}
