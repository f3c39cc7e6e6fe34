package signin

import (
	"strings"
	"testing"
	"unicode"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// The values are those of the reference implementation's tests
// (github.com/P-H-C/phc-winner-argon2, src/test.c: version 0x13, t=2, m=2^8, p=1, "password", "somesalt").
func TestAHashOfTheReferenceImplementationIsUnderstood(t *testing.T) {
	const reference = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	h := newHasher(1, strength())
	if right, stale := h.compare(reference, secret.New("password")); !right || !stale {
		t.Errorf("right %v, stale %v", right, stale)
	}
	if right, stale := h.compare(reference, secret.New("passwore")); right || stale {
		t.Errorf("another password: right %v, stale %v", right, stale)
	}
	parsed, err := parseHash(reference)
	if err != nil || parsed.String() != reference {
		t.Errorf("%s, %v", parsed, err)
	}
}

func TestAHashThatIsNoneIsNeverRight(t *testing.T) {
	h := newHasher(1, cost{memory: 64, passes: 1, lanes: 1})
	whole := h.hash(secret.New("walnut-orbit-canyon"))
	if right, stale := h.compare(whole, secret.New("walnut-orbit-canyon")); !right || stale {
		t.Fatalf("right %v, stale %v", right, stale)
	}
	if other := h.hash(secret.New("walnut-orbit-canyon")); other == whole {
		t.Error("the salt came again")
	}
	parts := strings.Split(whole, "$")
	with := func(i int, s string) string {
		p := append([]string(nil), parts...)
		p[i] = s
		return strings.Join(p, "$")
	}
	for name, s := range map[string]string{
		"none": "", "text": "walnut-orbit-canyon", "argon2i": with(1, "argon2i"), "version": with(2, "v=16"), "no version": strings.Replace(whole, "$v=19", "", 1),
		"much memory": with(3, "m=4294967295,t=1,p=1"), "more than the bound": with(3, "m=1048577,t=1,p=1"), "many passes": with(3, "m=64,t=4294967295,p=1"),
		"no lanes": with(3, "m=64,t=1,p=0"), "257 lanes": with(3, "m=65536,t=1,p=257"), "little memory": with(3, "m=8,t=1,p=2"),
		"a leading zero": with(3, "m=064,t=1,p=1"), "a sign": with(3, "m=+64,t=1,p=1"), "another order": with(3, "t=1,m=64,p=1"), "more": with(3, "m=64,t=1,p=1,x=1"),
		"no salt": with(4, ""), "short salt": with(4, "YWJj"), "padded salt": with(4, parts[4]+"=="), "a line break": with(4, parts[4][:4]+"\n"+parts[4][4:]),
		"no sum": with(5, ""), "short sum": with(5, "YWJj"), "more parts": whole + "$", "before": "x" + whole, "long sum": with(5, strings.Repeat("A", 4000)),
	} {
		if _, err := parseHash(s); err == nil {
			t.Errorf("%s: read", name)
		}
		if right, stale := h.compare(s, secret.New("walnut-orbit-canyon")); right || stale {
			t.Errorf("%s: right", name)
		}
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")
	f.Add("$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$$$$$")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := parseHash(s)
		if err != nil {
			return
		}
		if h.String() != s {
			t.Fatalf("%q is written %q", s, h)
		}
		if h.memory > maxMemory || h.passes > maxPasses || h.lanes > maxLanes || h.lanes == 0 || h.passes == 0 || len(h.sum) < minSum || len(h.salt) < minSalt {
			t.Fatalf("%+v", h)
		}
	})
}

// Whatever is put around the login, it can be guessed as long as no four letters
// of one's own are in it.
func FuzzCheckPassword(f *testing.F) {
	f.Add("ada", "walnut-orbit-canyon")
	f.Add("ada.lovelace", "P@ssw0rd1234")
	f.Add("a1b2", "ſommer\xff ÄÖ 2026!")
	f.Add("frühling", "")
	f.Fuzz(func(t *testing.T, login, password string) {
		checkPassword(&fault.Inputs{}, "password", login, secret.New(password)) // any bytes: no panic
		if before, after := around(password); wellFormed(login) && len(login) >= minWord {
			mustRefuse(t, login, login, before, after)
		}
	})
}

func TestEveryWordThatIsTriedFirstIsRefusedInAnyCase(t *testing.T) {
	for _, word := range firstTried() {
		for _, password := range []string{"", "2026", "!!83 61.90-27!!", "Xy-83619027-z", "ſ\xff·Ⓐ·٣·Ö"} {
			before, after := around(password)
			mustRefuse(t, "", word, before, after)
		}
	}
}

// mustRefuse tries the word in every case, with that around it.
func mustRefuse(t *testing.T, login, word, before, after string) {
	t.Helper()
	for _, spelt := range []string{word, strings.ToUpper(word), strings.ToUpper(word[:1]) + word[1:]} {
		tried := before + spelt + after
		if !guessable(login, tried) {
			t.Errorf("with the login %q, %q does not count as one that can be guessed", login, tried)
		}
		var refused fault.Inputs
		if checkPassword(&refused, "password", login, secret.New(tried)); refused.Err() == nil {
			t.Errorf("with the login %q, %q is taken", login, tried)
		}
	}
}

// around cuts what may stand before and after a word out of a text: signs and
// digits, and fewer letters than make a password one's own.
func around(s string) (before, after string) {
	var kept []rune
	letters := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			letters++
		}
		if len(kept) < 64 && (!unicode.IsLetter(r) || letters < minOwn) {
			kept = append(kept, r)
		}
	}
	half := len(kept) / 2
	return string(kept[:half]), string(kept[half:])
}
