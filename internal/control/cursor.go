package control

import (
	"bytes"
	"encoding/base64"

	"github.com/adit-hq/adit/internal/fault"
)

// Page sizes.
const (
	defaultPage = 50
	maxPage     = 200
)

// Paging asks for a part of a list.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Maximum number of items"`
	Cursor string `query:"cursor" maxLength:"4096" doc:"next_cursor of the previous page, with the same filter and sort"`
}

func (p Paging) limit() int {
	if p.Limit < 1 {
		return defaultPage
	}
	return min(p.Limit, maxPage)
}

// sumBytes is how much of a cursor is the sum over the list and filter that it
// belongs to. It is no secret and grants nothing; it only keeps a cursor from
// being taken for another list's.
const sumBytes = 9

func sum(last string, filter []string) []byte {
	return hashed(append([]string{last}, filter...)...)[:sumBytes]
}

// cursor returns the text that asks for what follows last, byte for byte: who
// names things must not be able to make it longer than it may come back.
func cursor(last string, filter ...string) string {
	return base64.RawURLEncoding.EncodeToString(append(sum(last, filter), last...))
}

// after reads a cursor; "" is the beginning.
func after(text string, filter ...string) (last string, err error) {
	if text == "" {
		return "", nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err == nil && len(b) > sumBytes {
		if last = string(b[sumBytes:]); bytes.Equal(b[:sumBytes], sum(last, filter)) {
			return last, nil
		}
	}
	return "", fault.New(fault.Invalid, "the cursor does not belong to this list and filter").
		WithCode("bad_cursor").WithParam("query.cursor").WithRemedy("Start without a cursor, and keep the filter between pages.")
}
