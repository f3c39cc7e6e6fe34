package awssetup_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/awssetup"
)

// hostileTexts are what a quoting must carry through unchanged, even where no
// input may hold it today.
func hostileTexts() []string {
	return []string{
		"", "'", "''", `"`, `\`, `\\`, `\n`, "a\nb", "\t", "$", "$$", "${", "$${", "$$${x}", "${x}", "%{", "%%{if}", "`id`", "$(id)", "!x", "a b", "é\u2028\u0085", "*", "~", "# x", "a'\"'b", "\x01", "\x7f",
	}
}

func TestShellQuotingCarriesEveryText(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("needs bash")
	}
	check := func(texts []string) error {
		script := "account=111122223333\nprintf '%s\\0'"
		want := ""
		for _, s := range texts {
			script += " " + awssetup.ShellText(s+awssetup.AccountPlace+s)
			want += s + accounts + s + "\x00"
		}
		cmd := exec.CommandContext(t.Context(), bash)
		cmd.Stdin = strings.NewReader(script + "\n")
		out, err := cmd.Output()
		if diff := cmp.Diff(want, string(out)); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		return err
	}
	_ = check(hostileTexts())
	few(t, 10, func(rt *rapid.T) {
		_ = check(rapid.SliceOfN(rapid.StringMatching(`[ -~é\n\t]{0,40}`), 1, 20).Draw(rt, "texts"))
	})
}

func TestSubstitutionEscapesWhatIsNotItsOwn(t *testing.T) {
	for text, want := range map[string]string{
		"plain ${x}":                          `"plain ${x}"`,
		"a" + awssetup.AccountPlace + "${x}$": `{"Fn::Sub":"a${AWS::AccountId}${!x}$"}`,
	} {
		got, err := json.Marshal(awssetup.Substitute(text))
		if err != nil || string(got) != want {
			t.Errorf("%q became %s, %v", text, got, err)
		}
	}
}

func TestTerraformReadsEveryTextAsItWas(t *testing.T) {
	terraform := need(t, "terraform", "version")
	texts := hostileTexts()
	module := "output \"texts\" {\n  value = [\n"
	for _, s := range texts {
		module += "    " + awssetup.HCLText(s) + ",\n"
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(module+"  ]\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "CHECKPOINT_DISABLE=1", "TF_CLI_ARGS=-no-color"}
	for _, args := range [][]string{{"init", "-input=false"}, {"apply", "-input=false", "-auto-approve"}} {
		if out, err := run(t, dir, env, nil, terraform, args...); err != nil {
			t.Fatalf("terraform %v: %v\n%s", args, err, out)
		}
	}
	out, err := run(t, dir, env, nil, terraform, "output", "-json", "texts")
	var got []string
	if err == nil {
		err = json.Unmarshal([]byte(out), &got)
	}
	if diff := cmp.Diff(texts, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
