package cli

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/adit-hq/adit/docs"
)

// walking returns a walk that has embedded the manual, and what it prints.
func walking(t *testing.T) (*tryWalk, *bytes.Buffer) {
	t.Helper()
	out := &bytes.Buffer{}
	p := &Process{Stdout: out, Stderr: out}
	stand, err := startTryStand(t.Context(), p, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stand.end)
	w := &tryWalk{page: newTryPage(p), stand: stand, model: "cohere-v3", manual: docs.Paragraphs()}
	for _, step := range []func(context.Context) error{w.keyless, w.embedManual} {
		if err := step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return w, out
}

func TestTypedQuestionsAreAnsweredUntilTheInputEnds(t *testing.T) {
	t.Cleanup(func() { goleak.VerifyNone(t) })
	w, out := walking(t)
	typed := "Is a missing secret a fault?\n\n" + strings.Repeat("long ", 500) + "\nHow do I bake bread?\n"
	if err := w.converse(t.Context(), linesOf(strings.NewReader(typed))); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"7. Ask: Is a missing secret a fault?", "shared words: missing, secret", "The question has 2,499", "8. Ask: How do I bake bread?", "No paragraph"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q was not printed:\n%s", want, out)
		}
	}
	if n := strings.Count(out.String(), "Ask something about Adit"); n != 5 {
		t.Errorf("asked %d times for a question", n)
	}
}

func TestTheWayToStudioIsShownWithoutATerminalAndWithoutALink(t *testing.T) {
	w, out := walking(t)
	if err := w.leadToStudio(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	command := regexp.MustCompile(`adit (admin link --data-dir \S+)\n`).FindStringSubmatch(out.String())
	if !strings.Contains(out.String(), "/studio\n") || command == nil || strings.Contains(out.String(), "token=") {
		t.Fatalf("%s", out)
	}
	d := &desk{t: t}
	d.adit(strings.Fields(command[1])...).exits(0).says(w.stand.app.StudioURL() + "/link?token=")
	out.Reset()
	if err := w.leadToStudio(t.Context(), true); err != nil || !strings.Contains(out.String(), "/link?token=") {
		t.Errorf("a terminal gets no link: %v\n%s", err, out)
	}
}

func TestAServerThatEndsBeforeItsTimeEndsTheRunWithItsError(t *testing.T) {
	w, _ := walking(t)
	w.stand.failed <- errors.New("the listener broke")
	if err := w.converse(t.Context(), nil); err == nil || err.Error() != "the listener broke" {
		t.Errorf("%v", err)
	}
}

func TestCtrlCAtThePromptIsNoError(t *testing.T) {
	w, _ := walking(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := w.converse(ctx, make(chan string)); err != nil {
		t.Error(err)
	}
}
