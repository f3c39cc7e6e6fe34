package fault_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/fault"
)

func TestAnErrorNobodyClassifiedIsInternalAndTellsTheCallerNothing(t *testing.T) {
	f := fault.From(errors.New("disk /secret/path is full"))
	if f.Kind != fault.Internal {
		t.Errorf("kind = %v, want internal", f.Kind)
	}
	if strings.Contains(f.Sentence(), "secret") {
		t.Errorf("the sentence leaks the cause: %q", f.Sentence())
	}
	if !strings.Contains(f.Error(), "/secret/path") {
		t.Errorf("the log line loses the cause: %q", f.Error())
	}
}

func TestContextErrorsKeepTheirMeaning(t *testing.T) {
	for err, want := range map[error]fault.Kind{
		context.Canceled:         fault.Canceled,
		context.DeadlineExceeded: fault.Deadline,
		fmt.Errorf("call: %w", fault.New(fault.Throttled, "full")): fault.Throttled,
	} {
		if got := fault.KindOf(err); got != want {
			t.Errorf("KindOf(%v) = %v, want %v", err, got, want)
		}
	}
}

func TestTheSentenceTellsWhatAWSSaidAndWhatToDo(t *testing.T) {
	f := fault.New(fault.Refused, "AWS denied the call").WithRemedy("Ask for access.").WithDetail("role arn:aws:iam::1:role/x")
	f.AWS = &fault.AWS{Code: "AccessDeniedException", RequestID: "r-1"}
	want := "AWS denied the call (AWS: AccessDeniedException, request id r-1). Ask for access."
	if got := f.Sentence(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
