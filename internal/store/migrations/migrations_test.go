package migrations

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStatementsEndWithTheLineThatASemicolonEnds(t *testing.T) {
	got, rest := split("-- a; b;\nCREATE TABLE a ( -- has; one;\n  b TEXT, -- no end;\n  c TEXT\n);\n\nDROP INDEX d; -- gone\nDELETE FROM a\n")
	if diff := cmp.Diff([]string{"CREATE TABLE a (\n  b TEXT,\n  c TEXT\n);\n", "DROP INDEX d;\n"}, got); diff != "" || rest != "DELETE FROM a\n" {
		t.Errorf("rest %q (-want +got):\n%s", rest, diff)
	}
}

func TestNoMigrationHasAStatementThatWouldBeTakenApartWrongly(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range all {
		if m.Number != int64(i+1) || len(m.Statements) == 0 {
			t.Errorf("the %dth has the number %d and %d statements", i+1, m.Number, len(m.Statements))
		}
		for _, s := range m.Statements {
			if strings.Count(s, ";") != 1 || strings.Count(s, "'")%2 != 0 {
				t.Errorf("%d: %s", m.Number, s)
			}
		}
	}
}
