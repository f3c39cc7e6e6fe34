package studio

import "github.com/adit-hq/adit/internal/control/wire"

// stage is where an environment is on its way into use. It follows from what the
// environment is, so that leaving and coming back goes on.
type stage string

const (
	stageName   stage = "name"   // it is not there yet
	stageAWS    stage = "aws"    // no role
	stageCheck  stage = "check"  // a role that was not seen to be sound
	stageModels stage = "models" // ready
)

func stageOf(e wire.Environment) stage {
	switch {
	case e.RoleARN == "":
		return stageAWS
	case e.State == "ready", e.State == "unsafe" && acceptedNow(e):
		return stageModels
	}
	return stageCheck
}

// setupNow is how far an environment is. The page of the path and what it asks
// for while it waits draw the same, so that they never contradict each other.
type setupNow struct {
	Env      wire.Environment
	Stage    stage
	Steps    []setupStep
	Standing standing
}

func setupNowOf(e wire.Environment) setupNow {
	at := stageOf(e)
	return setupNow{Env: e, Stage: at, Steps: setupSteps(at, &e), Standing: standingOf(e)}
}

// Last is the last exchange with the role that the environment has; nil before
// its check, when the one that is known may be of a former role.
func (n setupNow) Last() *wire.Activity {
	if n.Env.State == "pending" {
		return nil
	}
	return n.Env.Activity
}

// Checks reports that the page has a button for the check of the role itself.
func (n setupNow) Checks() bool { return true }

// refusedByAWS reports whether AWS does not trust the environment, though there is a role.
func refusedByAWS(e wire.Environment) bool {
	if e.State != "failing" || e.Activity == nil {
		return false
	}
	return e.Activity.Outcome == "AccessDenied" || e.Activity.Outcome == "InvalidIdentityToken"
}

// setupStep is one of the steps as the path shows them.
type setupStep struct {
	Number      int
	Title, Says string
	Done, Here  bool
}

// setupSteps are all four; e is nil while the environment is not there.
func setupSteps(at stage, e *wire.Environment) []setupStep {
	steps := []setupStep{
		{Title: "Name and region", Says: "How callers name it, and where Bedrock runs"},
		{Title: "AWS trust", Says: "One command, or a template"},
		{Title: "Check", Says: "The role accepts this environment only"},
		{Title: "Models", Says: "Enable what callers may use"},
	}
	if e != nil {
		steps[0].Says = e.Name + " in " + e.Region
		if e.RoleARN != "" {
			steps[1].Says = "Role " + roleOf(e.RoleARN)
		}
	}
	here := map[stage]int{stageName: 0, stageAWS: 1, stageCheck: 2, stageModels: 3}[at]
	for i := range steps {
		steps[i].Number, steps[i].Done, steps[i].Here = i+1, i < here, i == here
	}
	if e != nil && refusedByAWS(*e) {
		steps[1].Done, steps[1].Says = false, "AWS refuses this environment's tokens"
	}
	return steps
}
