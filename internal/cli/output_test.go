package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/spicepod"
)

func TestEachKindOfErrorHasItsExitCode(t *testing.T) {
	_, faulty := spicepod.Parse("spicepod.yaml", []byte("version: v9"), ".", nil)
	for _, tt := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{wrongUsage("two flags"), 2},
		{exitWith(exitRowsFailed, "3 rows failed"), 1},
		{fault.New(fault.Invalid, "x"), 3},
		{fault.New(fault.Config, "x"), 3},
		{fault.New(fault.NotFound, "x"), 3},
		{fault.New(fault.TooLarge, "x"), 3},
		{faulty, 3},
		{errors.Join(faulty, nil), 3},
		{fault.New(fault.Unauthenticated, "x"), 4},
		{fault.New(fault.Forbidden, "x"), 4},
		{fault.New(fault.Refused, "x"), 5},
		{fault.New(fault.Throttled, "x"), 6},
		{fault.New(fault.Unavailable, "x"), 6},
		{fault.New(fault.Deadline, "x"), 6},
		{context.DeadlineExceeded, 6},
		{context.Canceled, 130},
		{fault.New(fault.Internal, "x"), 70},
		{errors.New("nobody classified it"), 70},
	} {
		if got := exitCode(tt.err); got != tt.want {
			t.Errorf("%v ends with %d, not with %d", tt.err, got, tt.want)
		}
	}
}

func TestAnErrorIsPrintedAsPeopleReadIt(t *testing.T) {
	_, faulty := spicepod.Parse("spicepod.yaml", []byte("version: v9\nkind: Spicepod\nname: a\n"), ".", nil)
	for _, tt := range []struct {
		err  error
		want string
	}{
		{exitWith(exitRefused, ""), ""},
		{fmt.Errorf("reading: %w", context.Canceled), "adit: interrupted\n"},
		{
			fault.New(fault.Refused, "AWS said no").WithRemedy("Ask for more.").WithDetail("role r").WithCode("c"),
			"adit: AWS said no. Ask for more.\nrole r\n",
		},
		{
			fmt.Errorf("starting: %w", faulty),
			"adit: " + faulty.Error() + "\n",
		},
	} {
		var out bytes.Buffer
		printError(&out, tt.err)
		if diff := cmp.Diff(tt.want, out.String()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestATableInAPipeHasOneLineARowAndNoTrailingBlanks(t *testing.T) {
	var out bytes.Buffer
	p := &Process{}
	if err := p.printTable(&out, []string{"NAME", "N"}, [][]string{{"größer", "1"}, {"a", ""}}); err != nil {
		t.Fatal(err)
	}
	want := "NAME    N\ngrößer  1\na\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestATableOnATerminalIsDrawnAndColouredOnlyWhereWanted(t *testing.T) {
	plain := drawnTable([]string{"NAME", "N"}, [][]string{{"größer", "1"}}, false)
	want := "╭────────┬───╮\n│ NAME   │ N │\n├────────┼───┤\n│ größer │ 1 │\n╰────────┴───╯"
	if diff := cmp.Diff(want, plain); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if coloured := drawnTable([]string{"NAME"}, nil, true); !strings.Contains(coloured, "\x1b[") {
		t.Errorf("no colours: %q", coloured)
	}
}

func TestTheStartTextTellsHowToTryIt(t *testing.T) {
	for _, tt := range []struct {
		name   string
		models []string
		keys   bool
		want   []string
	}{
		{"open", []string{"titan", "cohere"}, false, []string{
			"Adit serves 2 models at http://127.0.0.1:8090/v1\n  titan\n  cohere\n",
			"Metrics: http://127.0.0.1:9464/metrics\n",
			`curl http://127.0.0.1:8090/v1/embeddings -H 'Content-Type: application/json' -d '{"model": "titan", "input": "Good morning"}'`,
		}},
		{"with keys", []string{"titan"}, true, []string{"serves 1 model at", `-H "Authorization: Bearer $ADIT_API_KEY"`}},
		{"without models", nil, false, []string{"serves 0 models", "add Bedrock embeddings to spicepod.yaml"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			writeStart(&out, "http://127.0.0.1:8090", "http://127.0.0.1:9464/metrics", tt.models, tt.keys)
			for _, part := range tt.want {
				if !strings.Contains(out.String(), part) {
					t.Errorf("%q is missing in:\n%s", part, out.String())
				}
			}
		})
	}
}

func TestAServerThatNobodySignedInToShowsTheWayIn(t *testing.T) {
	var out bytes.Buffer
	writeFirstLink(&out, "")
	if out.Len() > 0 {
		t.Errorf("where somebody has: %s", &out)
	}
	writeFirstLink(&out, "http://127.0.0.1:8090/studio/link?token=adit_link_x")
	if !strings.Contains(out.String(), "\n  http://127.0.0.1:8090/studio/link?token=adit_link_x\n") || !strings.Contains(out.String(), "10 minutes") {
		t.Error(out.String())
	}
}

func TestTheDoctorWarnsOfAClockThatAWSWouldRefuse(t *testing.T) {
	for _, tt := range []struct {
		ahead time.Duration
		want  string
	}{
		{3 * time.Second, ""},
		{-119 * time.Second, ""},
		{10 * time.Minute, "this machine's clock is 10m0s ahead of the endpoint's"},
		{-3 * time.Minute, "this machine's clock is 3m0s behind the endpoint's"},
	} {
		got := strings.Join(clockWarning(app.Endpoint{ClockAhead: &tt.ahead}), "")
		if tt.want == "" && got != "" || !strings.HasPrefix(got, tt.want) {
			t.Errorf("%v: %q", tt.ahead, got)
		}
	}
	if got := clockWarning(app.Endpoint{}); got != nil {
		t.Errorf("no date: %q", got)
	}
}
