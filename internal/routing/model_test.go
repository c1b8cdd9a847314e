package routing_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"hienke/internal/routing"
	"hienke/internal/vitext"
)

func train(t testing.TB, examples ...[]routing.Example) *routing.Model {
	t.Helper()
	m, err := routing.Train(context.Background(), slices.Concat(examples...), routing.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var golden = []struct{ text, want, word string }{
	{"Cấp bằng sáng chế chậm\nTôi nộp đơn đăng ký sáng chế hai năm chưa có kết quả.", science, "sáng chế"},
	{"Bệnh viện quá tải\nNgười bệnh phải nằm hành lang bệnh viện, thuốc bảo hiểm y tế không đủ.", health, "bệnh viện"},
	{"Thiếu giáo viên\nTrường học ở xã tôi thiếu giáo viên, học sinh phải nghỉ.", education, "giáo viên"},
	{"Quốc lộ hư hỏng\nĐề nghị sửa đường và xây cầu qua sông cho bà con đi lại.", transport, "cầu"},
	{"Trí tuệ nhân tạo\nNên có quỹ cho nghiên cứu trí tuệ nhân tạo và đổi mới sáng tạo.", science, "trí tuệ"},
}

func TestClassify(t *testing.T) {
	t.Parallel()
	models := map[string]*routing.Model{
		"from descriptions alone": train(t, seeds()),
		"from history alone":      train(t, history()),
		"from both":               train(t, seeds(), history()),
	}
	for name, m := range models {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, g := range golden {
				for _, text := range []string{g.text, vitext.Fold(g.text)} {
					scored := m.Classify(text)
					if scored[0].Label != g.want && name != "from history alone" {
						t.Errorf("%q: got %+v, want %s", text, scored[0], g.want)
					}
					sum := 0.0
					for i, s := range scored {
						sum += s.Probability
						if i > 0 && s.Probability > scored[i-1].Probability {
							t.Errorf("%q: not in order of probability: %+v", text, scored)
						}
					}
					if math.Abs(sum-1) > 1e-9 {
						t.Errorf("%q: probabilities sum to %v", text, sum)
					}
				}
			}
		})
	}
}

func TestAccentsMakeNoDifference(t *testing.T) {
	t.Parallel()
	m := train(t, seeds(), history())
	for _, g := range golden {
		a, b := m.Classify(g.text), m.Classify(vitext.Fold(g.text))
		for i := range a {
			if a[i].Label != b[i].Label || a[i].Probability != b[i].Probability {
				t.Errorf("%q: with accents %+v, without %+v", g.text, a[i], b[i])
			}
		}
	}
}

func TestClassifyNamesTheWordsThatCounted(t *testing.T) {
	t.Parallel()
	m := train(t, seeds(), history())
	for _, g := range golden {
		if words := m.Classify(g.text)[0].Words; !slices.ContainsFunc(words, func(w string) bool { return holds(w, g.word) }) {
			t.Errorf("%q: words %q do not name %q", g.text, words, g.word)
		}
	}
}

func holds(long, short string) bool {
	return len(long) >= len(short) && slices.Contains([]string{long, long[:len(short)], long[len(long)-len(short):]}, short)
}

func TestDescriptionsAreNotConfirmedExamples(t *testing.T) {
	t.Parallel()
	m := train(t, seeds(), history())
	if n := m.Confirmed(science); n != 36 {
		t.Errorf("%d confirmed examples, want the 36 of the history", n)
	}
	if n := m.Confirmed("unknown"); n != 0 {
		t.Errorf("%d confirmed examples of an agency never seen", n)
	}
	if n := train(t, seeds()).Confirmed(science); n != 0 {
		t.Errorf("%d confirmed examples among descriptions", n)
	}
}

func TestTrainingDependsOnTheExamplesAlone(t *testing.T) {
	t.Parallel()
	examples := slices.Concat(seeds(), history())
	reversed := slices.Clone(examples)
	slices.Reverse(reversed)
	one, err := routing.Train(t.Context(), examples, routing.Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	other, err := routing.Train(t.Context(), reversed, routing.Options{Workers: 3})
	if err != nil {
		t.Fatal(err)
	}
	a, errA := one.MarshalBinary()
	b, errB := other.MarshalBinary()
	if err := errors.Join(errA, errB); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a, b) {
		t.Error("order of examples or number of workers changed the model")
	}
	if one.Version() != other.Version() {
		t.Errorf("versions %s and %s", one.Version(), other.Version())
	}
	if train(t, seeds()).Version() == one.Version() {
		t.Error("other examples have the same version")
	}
}

func TestTrainWithLittle(t *testing.T) {
	t.Parallel()
	if _, err := routing.Train(t.Context(), nil, routing.Options{}); !errors.Is(err, routing.ErrNoExamples) {
		t.Errorf("no examples: %v", err)
	}
	tests := map[string][]routing.Example{
		"one label":                  {{Text: "sáng chế", Label: science}, {Text: "công nghệ", Label: science}},
		"a single example per label": {{Text: "sáng chế", Label: science}, {Text: "bệnh viện", Label: health}, {Text: "trường học", Label: education}},
		"texts without words":        {{Text: "", Label: science}, {Text: "…", Label: health}},
		"the same text twice":        {{Text: "đề nghị", Label: science}, {Text: "đề nghị", Label: health}},
	}
	for name, examples := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := train(t, examples)
			scored := m.Classify("bệnh viện huyện")
			if len(scored) != len(m.Labels()) {
				t.Errorf("%d of %d labels", len(scored), len(m.Labels()))
			}
			for _, s := range scored {
				if math.IsNaN(s.Probability) {
					t.Errorf("probability is no number: %+v", s)
				}
			}
			if name == "a single example per label" && scored[0].Label != health {
				t.Errorf("got %+v", scored)
			}
		})
	}
}

func TestTrainStopsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := routing.Train(ctx, history(), routing.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAModelIsStoredAndReadBack(t *testing.T) {
	t.Parallel()
	m := train(t, seeds(), history())
	data, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var back routing.Model
	if err := back.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	if back.Version() != m.Version() || back.Confirmed(health) != 36 || !slices.Equal(back.Labels(), m.Labels()) {
		t.Errorf("got version %s, %d confirmed, labels %v", back.Version(), back.Confirmed(health), back.Labels())
	}
	for _, g := range golden {
		a, b := m.Classify(g.text), back.Classify(g.text)
		for i := range a {
			if a[i].Label != b[i].Label || a[i].Probability != b[i].Probability || !slices.Equal(a[i].Words, b[i].Words) {
				t.Errorf("before %+v, after %+v", a[i], b[i])
			}
		}
	}
}

func TestABrokenModelIsRefusedAndTheOldOneStays(t *testing.T) {
	t.Parallel()
	m := train(t, seeds())
	good, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	flipped := slices.Clone(good)
	flipped[len(flipped)/2] ^= 1
	other := slices.Clone(good)
	other[0]++
	for name, data := range map[string][]byte{
		"nothing": nil, "cut": good[:len(good)-1], "a flipped bit": flipped, "another format": other, "noise": []byte("no model at all, but long enough to have a head"),
	} {
		if err := m.UnmarshalBinary(data); !errors.Is(err, routing.ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := m.Classify(golden[0].text)[0].Label; got != golden[0].want {
		t.Errorf("after the refusals the model says %s", got)
	}
}

func TestEndlessTextsAreClassified(t *testing.T) {
	t.Parallel()
	m := train(t, seeds(), history())
	for name, text := range endless() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scored := m.Classify(text)
			if len(scored) != 4 {
				t.Errorf("got %+v", scored)
			}
			for _, s := range scored {
				if !(s.Probability >= 0 && s.Probability <= 1) {
					t.Errorf("probability %v of %s", s.Probability, s.Label)
				}
			}
			train(t, []routing.Example{{Text: text, Label: science}, {Text: "bệnh viện", Label: health}})
		})
	}
}

func FuzzUnmarshalBinary(f *testing.F) {
	good, err := train(f, seeds()).MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte{1})
	f.Add(good[:40])
	f.Fuzz(func(t *testing.T, data []byte) {
		var m routing.Model
		if m.UnmarshalBinary(data) == nil {
			m.Classify("sáng chế")
		}
	})
}

func BenchmarkClassify(b *testing.B) {
	m := train(b, seeds(), history())
	text := golden[1].text
	for len(text) < 3000 {
		text += golden[len(text)%len(golden)].text
	}
	b.ReportAllocs()
	for b.Loop() {
		m.Classify(text)
	}
}

func BenchmarkTrain(b *testing.B) {
	for b.Loop() {
		train(b, seeds(), history())
	}
}

func TestTheWordsThatCountedDecide(t *testing.T) {
	t.Parallel()
	m := train(t, seeds(), history())
	for _, g := range golden {
		before := m.Classify(g.text)[0]
		without := vitext.Fold(g.text)
		for _, w := range before.Words {
			without = strings.ReplaceAll(without, vitext.Fold(w), "")
		}
		for _, s := range m.Classify(without) {
			if s.Label == g.want && 1-s.Probability < 2*(1-before.Probability) {
				t.Errorf("without %q %s falls from %.4f to %.4f only", before.Words, g.want, before.Probability, s.Probability)
			}
		}
	}
}
