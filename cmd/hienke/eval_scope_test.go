package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

func TestEvalScope(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "scope.jsonl")
	rows := `{"id":1,"title":"Nhà cái","body":"Nhà cái uy tín, nạp rút nhanh, tài xỉu.","verdict":"spam","accuses":false}
{"id":"b","title":"Dữ liệu mở","text":"Tôi kiến nghị công bố dữ liệu mở để doanh nghiệp nghiên cứu.","label":"in_scope"}
`
	if err := os.WriteFile(file, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Rows        int
		Accuracy    float64
		MacroF1     float64 `json:"macro_f1"`
		FalseAlarms float64 `json:"false_alarms"`
	}
	if err := json.Unmarshal([]byte(must(t, "", "macro_f1", "eval", "scope", "--file", file, "--json")), &got); err != nil {
		t.Fatal(err)
	}
	if got.Rows != 2 || got.Accuracy != 1 || got.MacroF1 != 1 || got.FalseAlarms != 0 {
		t.Errorf("got %+v", got)
	}
	must(t, "", "false alarms            0.5000", "eval", "scope", "--file", file, "--in-scope")
	must(t, "", "spam           precision 1.000", "eval", "scope", "--file", file)
	must(t, "", "Usage: hienke", "eval", "scope", "--help")
}
