package studio

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

func TestNoTemplateHasAScriptOrAStyleInIt(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<script(?:\s[^>]*)?>[^<]|\son[a-z]+\s*=|\sstyle\s*=|<style|javascript:|<iframe|https?://`)
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil || len(names) == 0 {
		t.Fatal(err, names)
	}
	for _, name := range names {
		b, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text := regexp.MustCompile(`xmlns="[^"]*"|<code>[^<]*</code>|https://\S*example|https:// address`).ReplaceAllString(string(b), "")
		if found := inline.FindString(text); found != "" {
			t.Errorf("%s has %q, which the content security policy forbids", name, found)
		}
	}
}

func TestEveryTemplateCanBeDrawnOnItsOwn(t *testing.T) {
	l, err := newLook(stageNow)
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range l.all.Templates() {
		if each.Tree == nil || each.Name() == "" {
			continue
		}
		err := each.Execute(discard{}, nil) // nothing to draw is a fault of ours here; that it cannot be escaped is the template's
		if err != nil && strings.Contains(err.Error(), "html/template:") && !strings.Contains(err.Error(), "executing") {
			t.Errorf("%s: %v", each.Name(), err)
		}
	}
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
