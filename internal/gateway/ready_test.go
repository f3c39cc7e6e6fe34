package gateway_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
)

func TestARefusalEndsByItselfSinceNoTrafficComesBehindAFailedProbe(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.set(r.model("cohere", cohere, documented, nil))
		if _, err := r.ask("cohere", "a"); err == nil {
			t.Fatal("the fault did not happen")
		}
		time.Sleep(59 * time.Second)
		if got := fmt.Sprint(r.Ready(r.t.Context(), caller.Local())); !strings.Contains(got, "AccessDeniedException") {
			t.Errorf("within a minute: %s", got)
		}
		time.Sleep(2 * time.Second)
		if got := fmt.Sprint(r.Ready(r.t.Context(), caller.Local())); got != "[{cohere }]" {
			t.Errorf("after a minute: %s", got)
		}
	}, emulator.WithFault(emulator.Fault{Kind: emulator.FaultStatus, Status: 403, Code: "AccessDeniedException"}))
}

func TestAnAnswerThatCannotBeUsedDoesNotMakeAModelUnready(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.set(r.model("cohere", cohere, documented, nil))
		if _, err := r.ask("cohere", "a", "b"); fault.KindOf(err) != fault.Refused {
			t.Fatalf("the fault did not happen: %v", err)
		}
		if got := fmt.Sprint(r.Ready(r.t.Context(), caller.Local())); got != "[{cohere }]" {
			t.Errorf("%s", got)
		}
	}, emulator.WithFault(emulator.Fault{Kind: emulator.FaultWrongCount}))
}
