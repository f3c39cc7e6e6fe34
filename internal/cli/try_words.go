package cli

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// opening says what is about to happen.
func (t *tryPage) opening() {
	t.block("", t.bold("Adit")+" gives programs the models of Amazon Bedrock without AWS keys: it is an identity provider that AWS trusts, behind OpenAI's API. "+
		"This walks the whole way on this machine alone: no AWS account is needed, nothing leaves the machine, nothing stays behind.")
	t.line("")
}

func (t *tryPage) started(s *tryStand) {
	t.heading("Start an emulator of AWS, and Adit in front of it", s.took)
	t.line("   Adit       " + s.app.URL() + "/v1")
	t.line("   issuer     https://" + tryHost + ", under a throw-away CA")
	t.line("   emulator   " + s.emulator.URL())
	t.line("")
}

func (t *tryPage) embedded(model string, e tryEmbedded) {
	t.heading("Embed Adit's manual with "+model, e.took)
	each := "one text each"
	if e.largest > 1 {
		each = fmt.Sprintf("up to %d texts each", e.largest)
	}
	t.line(fmt.Sprintf("   texts      %s, %s", counted(int64(e.texts), "paragraph"), counted(int64(e.tokens), "token")))
	t.line(fmt.Sprintf("   requests   %s to POST /v1/embeddings, %s", grouped(int64(e.requests)), latency(e)))
	t.line(fmt.Sprintf("   calls      %s to Bedrock, signed, %s", grouped(int64(e.calls)), each))
	t.line(fmt.Sprintf("   vectors    %s each", counted(int64(e.dimensions), "number")))
	t.line("   the first  " + firstNumbers(e.first))
	t.line("")
}

func latency(e tryEmbedded) string {
	if e.requests == 1 {
		return "answered in " + briefly(e.median)
	}
	return fmt.Sprintf("median %s, slowest %s", briefly(e.median), briefly(e.slowest))
}

// firstNumbers shows the head of a vector in Bedrock's own digits.
func firstNumbers(text []byte) string {
	const shown = 4
	head := bytes.SplitN(bytes.Trim(text, "[]"), []byte(","), shown+1)
	return fmt.Sprintf("[%s, ...]", bytes.Join(head[:min(shown, len(head))], []byte(", ")))
}

func (t *tryPage) compared(pairs []pair, nearness []float32, took time.Duration) {
	t.heading("Compare texts: 1 is alike, about 0 is unrelated", took)
	for i, p := range pairs {
		t.line(fmt.Sprintf("   %5.2f   %s", nearness[i], t.bold(p.what)))
		t.line(fmt.Sprintf("           %q\n           %q", p.a, p.b))
	}
	t.text("The emulator's vectors are lexical: they know shared words and no meaning. A real model would put the second pair near.")
	t.line("")
}

// answered shows the paragraphs that are nearest to a question.
func (t *tryPage) answered(question string, answers []answer, of int, took time.Duration) {
	t.heading("Ask: "+strings.Join(strings.Fields(question), " "), took)
	if len(answers) == 0 {
		t.text("No paragraph of the manual shares a telling word with that, so nothing is near. Try the words that the manual may use; lexical vectors know no synonyms.")
		t.line("")
		return
	}
	t.text("The nearest of %s:", counted(int64(of), "paragraph"))
	for _, a := range answers {
		t.line("")
		lead := fmt.Sprintf("   %5.2f   ", a.nearness)
		for _, line := range wrapped("docs/"+a.Page+", "+a.Heading, t.width-len(lead)) {
			t.line(lead + t.bold(line))
			lead = strings.Repeat(" ", len(lead))
		}
		t.quote("           ", a.Text)
		t.line(t.faint("           shared words: " + strings.Join(a.shared, ", ")))
	}
	t.line("")
}

// prompt asks for a question.
func (t *tryPage) prompt() {
	fmt.Fprint(t.w, "Ask something about Adit, or Ctrl-C to end: ")
}

// farewell says how to go on after --once.
func (t *tryPage) farewell(model string) {
	t.real(model)
	t.block("", "Both servers are gone now. Without --once they stay up, and curl, Python and JavaScript lines are printed to talk to them.")
}

// repeat says how to do the same by hand while the servers are up.
func (t *tryPage) repeat(s *tryStand, model string) {
	t.line(t.bold("Repeat it") + " while this runs. The key is a throw-away: it opens nothing else.")
	for _, client := range clientLines(s.app.URL()+"/v1", s.keys[0].secret, model) {
		t.line("")
		t.line(t.faint(client.name + ":"))
		t.line(client.lines)
	}
	t.line("")
	t.line(t.faint("What AWS's side saw of it, and whom it trusts:"))
	t.line("curl " + s.emulator.URL() + "/_emulator/trail")
	t.line("curl " + s.emulator.URL() + "/_emulator/iam")
	t.line("")
	t.real(model)
}

// real says how the same is done with AWS.
func (t *tryPage) real(model string) {
	t.block("", t.bold("Real Bedrock")+", whose vectors know meaning, is reached by the same steps. Adit needs a public https name that AWS can fetch its keys from:")
	t.line("")
	t.line("adit serve --issuer-url https://adit.example.com")
	for _, m := range tryModels() {
		if m[0] == model {
			t.line("adit env create prod --region " + tryRegion + " --model " + m[1])
		}
	}
	t.line("adit aws setup prod                 " + t.faint("# once, with an administrator's credentials"))
	t.line("adit key create my-app --env prod   " + t.faint("# the only secret that a program holds"))
	t.line(t.faint("# from the source, write: go run ./cmd/adit serve ..."))
	t.line("")
	t.block("", "With AWS credentials at hand, and no wish for more, a spicepod.yaml and `adit serve` are enough: see docs/quickstart.md.")
	t.line("")
}
