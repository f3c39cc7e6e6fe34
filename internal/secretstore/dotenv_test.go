package secretstore

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestADotEnvFileIsReadAsItsReadersExpect(t *testing.T) {
	const file = "\ufeff# a comment\r\n" +
		"\r\n" +
		"PLAIN=value\r\n" +
		"  SPACED =  two words  \n" +
		"export EXPORTED=yes\n" +
		"export\tTABBED=yes\n" +
		"export=a name like any other\n" +
		"EMPTY=\n" +
		"EMPTY_COMMENT= # nothing\n" +
		"COMMENT=value # not this\n" +
		"HASH=a#b\n" +
		"EQUALS=a=b=c\n" +
		"DOLLAR=$HOME ${HOME} $$\n" +
		"SINGLE='as # it \\n is' # comment\n" +
		"DOUBLE=\"a\\tb\\\"c\\\\d\\$e\\'f\"\n" +
		"LINES=\"one\n" +
		"  two\n" +
		"three\"\n" +
		"SINGLE_LINES='one\n" +
		"two'\n" +
		"QUOTE_INSIDE=it's\n" +
		"dotted.name-1=x\n" +
		"TWICE=first\n" +
		"TWICE=last\n" +
		"LAST=no line end"
	want := map[string]string{
		"PLAIN": "value", "SPACED": "two words", "EXPORTED": "yes", "TABBED": "yes", "export": "a name like any other",
		"EMPTY": "", "EMPTY_COMMENT": "", "COMMENT": "value", "HASH": "a#b", "EQUALS": "a=b=c", "DOLLAR": "$HOME ${HOME} $$",
		"SINGLE": "as # it \\n is", "DOUBLE": "a\tb\"c\\d$e'f", "LINES": "one\n  two\nthree", "SINGLE_LINES": "one\ntwo",
		"QUOTE_INSIDE": "it's", "dotted.name-1": "x", "TWICE": "last", "LAST": "no line end",
	}

	got, problems := parseDotEnv([]byte(file))

	if len(problems) > 0 {
		t.Fatalf("problems: %v", problems)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAllFaultyLinesOfADotEnvFileAreNamedAtOnceAndNoValueIs(t *testing.T) {
	const file = "GOOD=hush-1\n" +
		"hush-2\n" +
		"1DIGIT=hush-3\n" +
		"=hush-4\n" +
		"TAIL=\"hush-5\" hush-6\n" +
		"ESCAPE=\"hush-7\\q\"\n" +
		"BYTES=hush-8\xff\n" +
		"NUL=hush-9\x00\n" +
		"SPAN=\"\n" +
		"\" hush-10\n" +
		"YAML: hush-11\n" +
		"OPEN='hush-12\n" +
		"after the open quote\n"
	want := []string{
		"2: has no = sign",
		"3: does not begin with a name (letters, digits and _ . -, no digit first)",
		"4: does not begin with a name (letters, digits and _ . -, no digit first)",
		"5: continues after the closing quote",
		`6: has an unknown escape in double quotes (known: \n \r \t \" \' \\ \$); single quotes keep a backslash as it is`,
		"7: is not UTF-8 text",
		"8: is not UTF-8 text",
		"9: continues after the closing quote",
		"11: has no = sign",
		"12: has an unclosed quote",
		"13: has no = sign",
	}

	_, problems := parseDotEnv([]byte(file))

	var got []string
	for _, p := range problems {
		p.Path = "e"
		got = append(got, strings.TrimSuffix(strings.TrimPrefix(p.Error(), "e:"), ". "+p.Remedy))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(problems.Error(), "hush") {
		t.Errorf("a value is in the problems:\n%v", problems)
	}
}

func FuzzDotEnv(f *testing.F) {
	for _, seed := range []string{
		"A=b\n", "export A='b\nc' # d\r\n", "A=\"\\n\\\"\"", "\ufeffA=1", "A='", "A=\"\\", "=\n\x00\xff", "A=\"x\ny\" z\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		values, problems := parseDotEnv(data)
		lines := strings.Count(string(data), "\n") + 1
		for _, p := range problems {
			if p.Line < 1 || p.Line > lines {
				t.Errorf("line %d of %d", p.Line, lines)
			}
		}
		for name, value := range values {
			if !validVariable(name) || strings.Contains(value, "\x00") {
				t.Errorf("%q got into the values", name)
			}
		}
	})
}
