package wire

// DiagnosisInput says how far the walk goes.
type DiagnosisInput struct {
	Invoke bool `json:"invoke,omitempty" doc:"Make one real call to each enabled model, which AWS bills"`
}

// DiagnosisEvent is one line of a diagnosis: a step, or at the end the summary.
// A diagnosis without a summary was cut off.
type DiagnosisEvent struct {
	Step    *Step    `json:"step,omitempty"`
	Summary *Summary `json:"summary,omitempty"`
	Problem *Problem `json:"problem,omitempty" doc:"What ended the diagnosis early"`
}

// Step is one thing that was looked at.
type Step struct {
	Name    string `json:"name"`
	Verdict string `json:"verdict" enum:"ok,warning,failed,skipped"`
	Message string `json:"message,omitempty"`
	Facts   []Fact `json:"facts,omitempty" nullable:"false"`
	Remedy  string `json:"remedy,omitempty"`
	// Kind is the kind of fault of a failed step, as a problem would have it.
	Kind         string `json:"kind,omitempty"`
	Milliseconds int64  `json:"milliseconds" doc:"How long it took"`
}

// Fact is one thing that was seen.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Summary counts the steps by verdict.
type Summary struct {
	Verdict  string `json:"verdict" enum:"ok,warning,failed" doc:"The worst of the steps"`
	OK       int    `json:"ok"`
	Warnings int    `json:"warnings"`
	Failed   int    `json:"failed"`
	Skipped  int    `json:"skipped"`
	Kind     string `json:"kind,omitempty" doc:"The kind of fault of the first failed step"`
}
