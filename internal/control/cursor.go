package control

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

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
	Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the previous page, with the same filter and sort"`
}

func (p Paging) limit() int {
	if p.Limit < 1 {
		return defaultPage
	}
	return min(p.Limit, maxPage)
}

// mark is what a cursor holds: the last item of the former page, and a sum over
// the list and filter that it belongs to. It is no secret and grants nothing;
// the sum only keeps a cursor from being taken for another list's.
type mark struct {
	Last string `json:"l"`
	Sum  string `json:"s"`
}

func sum(last string, filter []string) string {
	b, _ := json.Marshal(append([]string{last}, filter...)) // strings always marshal
	h := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(h[:9])
}

// cursor returns the text that asks for what follows last.
func cursor(last string, filter ...string) string {
	b, _ := json.Marshal(mark{last, sum(last, filter)})
	return base64.RawURLEncoding.EncodeToString(b)
}

// after reads a cursor; "" is the beginning.
func after(text string, filter ...string) (last string, err error) {
	if text == "" {
		return "", nil
	}
	var m mark
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err != nil || m.Last == "" || m.Sum != sum(m.Last, filter) {
		return "", fault.New(fault.Invalid, "the cursor does not belong to this list and filter").
			WithCode("bad_cursor").WithParam("query.cursor").WithRemedy("Start without a cursor, and keep the filter between pages.")
	}
	return m.Last, nil
}
