package studio

import "testing"

func TestAnARNThatIsNoneHasNoAccountAndIsShownAsItIs(t *testing.T) {
	for arn, want := range map[string][2]string{
		"arn:aws:iam::111122223333:role/adit-prod":         {"111122223333", "adit-prod"},
		"arn:aws-cn:iam::111122223333:role/teams/a/search": {"111122223333", "search"},
		"<img onerror=alert(1)>":                           {"", "<img onerror=alert(1)>"},
		"arn:aws:iam::12345:role/x":                        {"", "x"},
		"":                                                 {"", ""},
	} {
		if got := [2]string{accountOf(arn), roleOf(arn)}; got != want {
			t.Errorf("%q: %q, want %q", arn, got, want)
		}
	}
}
