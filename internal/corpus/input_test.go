package corpus_test

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/corpus"
	"github.com/adit-hq/adit/internal/fault"
)

// seen is what a test looks at of a row.
type seen struct {
	Number, Line int
	ID, Text     string
	Problem      string
}

func readAll(t interface{ Fatalf(string, ...any) }, in *corpus.Input) []seen {
	var all []seen
	for {
		row, err := in.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("reading: %v", err)
		}
		all = append(all, seen{row.Number, row.Line, string(row.ID), row.Text, row.Problem})
	}
}

func readText(t interface{ Fatalf(string, ...any) }, text string, layout corpus.Layout) []seen {
	in, err := corpus.Open(context.Background(), nil, strings.NewReader(text), layout)
	if err != nil {
		t.Fatalf("opening: %v", err)
	}
	return readAll(t, in)
}

func TestEveryRowOfTheInputIsSeenWithItsPlaceAndWhatIsWrongWithIt(t *testing.T) {
	for name, c := range map[string]struct {
		layout corpus.Layout
		text   string
		want   []seen
	}{
		"lines": {corpus.Layout{}, "\ufeffone\r\n\ntwo, \"2\"\n  \n\xff\nlast", []seen{
			{1, 1, "", "one", ""}, {2, 2, "", "", "the text is empty"}, {3, 3, "", `two, "2"`, ""},
			{4, 4, "", "", "the text is empty"}, {5, 5, "", "", "the row is not valid UTF-8"}, {6, 6, "", "last", ""},
		}},
		"nothing": {corpus.Layout{}, "", nil},
		"jsonl": {corpus.Layout{Format: corpus.JSONL, Field: "body", ID: "key"}, strings.Join([]string{
			`{"key":"a","body":"one \u00e9\n"}`, `{"key":7.0,"body":"two"}`, `{"body":"x"}`, `{"key":[],"body":"x"}`,
			`{"key":1}`, `{"key":1,"body":null}`, `{"key":1,"body":3}`, `{"key":1,"body":""}`, `["body"]`, `null`, `{"key":`, ``,
		}, "\n") + "\n", []seen{
			{1, 1, `"a"`, "one é\n", ""}, {2, 2, "7.0", "two", ""},
			{3, 3, "", "", "the identifier key is missing, not a string or a number"},
			{4, 4, "", "", "the identifier key is a list, not a string or a number"},
			{5, 5, "1", "", "body is missing, not a string"}, {6, 6, "1", "", "body is null, not a string"},
			{7, 7, "1", "", "body is a number, not a string"}, {8, 8, "1", "", "the text is empty"},
			{9, 9, "", "", "the line is not a JSON object"}, {10, 10, "", "", "the line is not a JSON object"},
			{11, 11, "", "", "the line is not a JSON object"}, {12, 12, "", "", "the line is empty"},
		}},
		"csv": {corpus.Layout{Format: corpus.CSV, Field: "body", ID: "key"},
			"key,body\na,one\nb,\"two\nlines, \"\"quoted\"\"\"\n\nc\nd,\"x\"y\ne,5\" disk\nf,\ng,last\nh,\"never closed\n", []seen{
				{1, 2, `"a"`, "one", ""}, {2, 3, `"b"`, "two\nlines, \"quoted\"", ""},
				{3, 5, "", "", "the row has 1 fields, the head line 2"}, {4, 6, "", "", "the row has 1 fields, the head line 2"},
				{5, 7, "", "", "a quote stands where none may: a field with quotes is quoted, and they are doubled"},
				{6, 8, "", "", "a quote stands where none may: a field with quotes is quoted, and they are doubled"},
				{7, 9, `"f"`, "", "the text is empty"}, {8, 10, `"g"`, "last", ""}, {9, 11, "", "", "a quote is not closed"},
			}},
		"csv with one column": {corpus.Layout{Format: corpus.CSV}, "anything\none\n\ntwo\n", []seen{
			{1, 2, "", "one", ""}, {2, 3, "", "", "the text is empty"}, {3, 4, "", "two", ""},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, readText(t, c.text, c.layout)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFilesAreReadOneAfterTheOtherAndTheirExtensionsTellTheFormat(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.txt": "one\ntwo\n", "b.jsonl": `{"text":"three"}`, "c.CSV": "id,text\n1,four\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in, err := corpus.Open(context.Background(), []string{filepath.Join(dir, "a.txt"), filepath.Join(dir, "b.jsonl"), filepath.Join(dir, "c.CSV")}, nil, corpus.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	if got := in.Size(); got != 8+16+15 {
		t.Errorf("Size() = %d", got)
	}
	want := []seen{{1, 1, "", "one", ""}, {2, 2, "", "two", ""}, {3, 1, "", "three", ""}, {4, 2, "", "four", ""}}
	if diff := cmp.Diff(want, readAll(t, in)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatCannotBeReadIsSaidBeforeAnythingIsEmbedded(t *testing.T) {
	dir := t.TempDir()
	for _, files := range [][]string{{filepath.Join(dir, "missing.txt")}, {dir}, {corpus.Stdin, corpus.Stdin}} {
		if _, err := corpus.Open(context.Background(), files, nil, corpus.Layout{}); fault.KindOf(err) != fault.Config {
			t.Errorf("Open(%q): %v, want a configuration fault", files, err)
		}
	}
}

func TestAMissingColumnIsNamedWithThoseThatThereAre(t *testing.T) {
	in, err := corpus.Open(context.Background(), nil, strings.NewReader("id,body\n1,x\n"), corpus.Layout{Format: corpus.CSV})
	if err != nil {
		t.Fatal(err)
	}
	_, err = in.Next()
	if want := `standard input: the file has no column "text". Its columns: id, body.`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestAReadThatWaitsEndsWhenItIsInterrupted(t *testing.T) {
	for _, format := range []corpus.Format{corpus.Lines, corpus.CSV} {
		synctest.Test(t, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			keyboard, typist := io.Pipe()
			defer func() { _ = typist.Close() }()
			in, err := corpus.Open(ctx, nil, keyboard, corpus.Layout{Format: format})
			if err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(time.Minute, interrupt)
			for range 2 { // and stays ended
				if _, err := in.Next(); fault.KindOf(err) != fault.Canceled {
					t.Errorf("%s: got %v, want a canceled fault", format, err)
				}
			}
		})
	}
}

func TestAHeadLineThatCannotBeReadIsNoMissingOne(t *testing.T) {
	in, err := corpus.Open(context.Background(), nil, iotest.ErrReader(errors.New("the cable is out")), corpus.Layout{Format: corpus.CSV})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = in.Next(); err == nil || !strings.Contains(err.Error(), "standard input cannot be read: the cable is out") {
		t.Errorf("got %v", err)
	}
}

func TestALineThatIsTooLongIsOneFailedRowAndTheNextIsRead(t *testing.T) {
	long := io.MultiReader(strings.NewReader("one\n"), io.LimitReader(as{}, 30_000_000), strings.NewReader("\ntwo\n"))
	in, err := corpus.Open(context.Background(), nil, long, corpus.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	want := []seen{{1, 1, "", "one", ""}, {2, 2, "", "", "the row is longer than 25 MB"}, {3, 3, "", "two", ""}}
	if diff := cmp.Diff(want, readAll(t, in)); diff != "" {
		t.Error(diff)
	}
}

type as struct{}

func (as) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'a'
	}
	return len(b), nil
}

// What encoding/csv writes is read back, record by record, whatever it holds.
func TestACSVFileIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching(`[a-c",\n é]{0,6}x`)
		texts := rapid.SliceOfN(cell, 0, 8).Draw(t, "texts")
		var file strings.Builder
		w := csv.NewWriter(&file)
		records := [][]string{{"id", "text"}}
		for _, text := range texts {
			records = append(records, []string{"k", text})
		}
		if err := w.WriteAll(records); err != nil {
			t.Fatalf("writing: %v", err)
		}
		var got []string
		for _, row := range readText(t, file.String(), corpus.Layout{Format: corpus.CSV}) {
			got = append(got, row.Text+row.Problem)
		}
		if diff := cmp.Diff(texts, got, cmp.Comparer(func(a, b []string) bool { return strings.Join(a, "\x00") == strings.Join(b, "\x00") })); diff != "" {
			t.Fatalf("%s\nfile:\n%s", diff, file.String())
		}
	})
}

// No bytes make a row without a text and without a problem, or a text that JSON cannot carry.
func FuzzAnyInputIsRowsWithATextOrAProblem(f *testing.F) {
	f.Add([]byte("text\n\"a\n\",b\n"), uint8(2))
	f.Add([]byte("{\"text\":\"\\ud800\"}\n"), uint8(1))
	f.Add([]byte("\xef\xbb\xbf\r\n\n"), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, kind uint8) {
		format := []corpus.Format{corpus.Lines, corpus.JSONL, corpus.CSV}[kind%3]
		in, err := corpus.Open(context.Background(), nil, strings.NewReader(string(data)), corpus.Layout{Format: format})
		if err != nil {
			t.Fatal(err)
		}
		for n := 1; ; n++ {
			row, err := in.Next()
			if err != nil {
				if !errors.Is(err, io.EOF) && fault.KindOf(err) != fault.Invalid {
					t.Fatalf("%v", err)
				}
				return
			}
			if row.Number != n || (row.Text == "") == (row.Problem == "") || strings.ToValidUTF8(row.Text, "") != row.Text {
				t.Fatalf("row %d: %+v", n, row)
			}
		}
	})
}
