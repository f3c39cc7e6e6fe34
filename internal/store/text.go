package store

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/fault"
)

// texts gathers the names of the fields that hold what PostgreSQL cannot: NUL,
// or bytes that are not UTF-8. SQLite could, but both must answer alike.
type texts struct{ faulty []string }

func (t *texts) check(field string, values ...string) {
	bad := func(s string) bool { return strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) }
	if slices.ContainsFunc(values, bad) {
		t.faulty = append(t.faulty, field)
	}
}

func (t *texts) checkMap(field string, m map[string]string) {
	all := slices.Collect(maps.Keys(m))
	t.check(field, slices.AppendSeq(all, maps.Values(m))...)
}

// fault is nil, or of kind Invalid with the code "bad_text", and names all faulty fields.
func (t *texts) fault() error {
	if len(t.faulty) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "%s: a NUL character or bytes that are not UTF-8 cannot be stored", strings.Join(t.faulty, ", ")).
		WithCode("bad_text").WithParam(t.faulty[0]).WithRemedy("Remove them.")
}

// clean makes a text storable. It is for what was observed, such as AWS's
// words: refusing those would lose the observation.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
