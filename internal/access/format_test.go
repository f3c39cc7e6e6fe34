package access

import (
	"regexp"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/ident"
)

func TestAKeyHasTheFormThatScannersOfRepositoriesLookFor(t *testing.T) {
	form := regexp.MustCompile(`^adit_[0-9a-f]{24}_[0-9A-Za-z]{49}$`)
	seen := map[string]bool{}
	for range 1000 {
		id := ident.New(ident.Key)
		whole := newSecret(id).Reveal()
		got, part, ok := parse(whole)
		if !form.MatchString(whole) || !ok || got != id || len(part) != 43 || seen[part] {
			t.Fatalf("a key of the wrong form (parsed %v, id %s for %s)", ok, got, id)
		}
		seen[part] = true
	}
}

func TestEveryMistypedKeyIsNoticedByItself(t *testing.T) {
	whole := newSecret(ident.New(ident.Key)).Reveal()
	for i := range len(whole) {
		for _, c := range []string{"0", "Z", "_", "é", ""} {
			if wrong := whole[:i] + c + whole[i+1:]; wrong != whole {
				if _, _, ok := parse(wrong); ok {
					t.Errorf("a key with %q at %d passes", c, i)
				}
			}
		}
	}
}

func TestAMACIsBoundToItsKeyAndToThePepper(t *testing.T) {
	pepper := []byte(strings.Repeat("p", 32))
	a := macOf(pepper, "key_1", "secret")
	for name, b := range map[string][]byte{
		"another key":    macOf(pepper, "key_2", "secret"),
		"another secret": macOf(pepper, "key_1", "secreu"),
		"another pepper": macOf([]byte(strings.Repeat("q", 32)), "key_1", "secret"),
	} {
		if string(a) == string(b) {
			t.Errorf("%s has the same MAC", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("")
	f.Add("adit_0123456789abcdef01234567_" + strings.Repeat("A", 49))
	f.Add("Bearer adit_")
	f.Add("eyJhbGciOiJSUzI1NiJ9.e30.x")
	f.Add(newSecret("key_0123456789abcdef01234567").Reveal())
	f.Fuzz(func(t *testing.T, s string) {
		id, part, ok := parse(s)
		if !ok {
			return
		}
		if err := ident.Check(ident.Key, id); err != nil {
			t.Errorf("%v", err)
		}
		body := "adit_" + strings.TrimPrefix(id, "key_") + "_" + part
		if s != body+checksum(body) {
			t.Errorf("%q is taken for another key", s)
		}
	})
}
