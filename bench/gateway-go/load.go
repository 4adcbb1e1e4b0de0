package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
)

// plan of a load: so many measured calls by so many callers at once, after a warm-up.
type plan struct {
	calls, callers, warmup int
}

// report of the measured calls. Only successes count for rates and latencies.
type report struct {
	Successes  int            `json:"successes"`
	Failures   int            `json:"failures"`
	Seconds    float64        `json:"seconds"`
	CPUSeconds float64        `json:"cpu_seconds"` // user and system time of this process, of the measured calls only
	P50        float64        `json:"p50_ms"`
	P99        float64        `json:"p99_ms"`
	Errors     map[string]int `json:"errors"`
	Memory     float64        `json:"memory_mb"` // the most that this process had (Linux only)
}

// run makes the calls; call number i takes argument i, round and round.
func (p plan) run(call func(string) (answer, error), arguments []string) report {
	if len(arguments) == 0 {
		arguments = []string{"{}"}
	}
	p.round(p.warmup, call, arguments)
	cpu, start := processorTime(), time.Now()
	latencies, failures := p.round(p.calls, call, arguments)
	seconds, cpuSeconds := time.Since(start).Seconds(), processorTime()-cpu

	out := report{Successes: len(latencies), Failures: p.calls - len(latencies), Seconds: seconds, CPUSeconds: cpuSeconds, Errors: failures, Memory: peakMemory()}
	slices.Sort(latencies)
	out.P50, out.P99 = percentile(latencies, 50), percentile(latencies, 99)
	return out
}

func (p plan) round(calls int, call func(string) (answer, error), arguments []string) ([]time.Duration, map[string]int) {
	var (
		next     atomic.Int64
		lock     sync.Mutex
		group    sync.WaitGroup
		all      = make([]time.Duration, 0, calls)
		failures = map[string]int{}
	)
	for range min(p.callers, calls) {
		group.Go(func() {
			var own []time.Duration
			for i := next.Add(1) - 1; i < int64(calls); i = next.Add(1) - 1 {
				begin := time.Now()
				if _, err := call(arguments[int(i)%len(arguments)]); err != nil {
					lock.Lock()
					failures[summary(err)]++
					lock.Unlock()
					continue
				}
				own = append(own, time.Since(begin))
			}
			lock.Lock()
			all = append(all, own...)
			lock.Unlock()
		})
	}
	group.Wait()
	return all, failures
}

// summary of an error, without what differs from call to call, so that equal ones are counted together.
func summary(err error) string {
	var invalid invalidError
	if errors.As(err, &invalid) {
		return "committed as " + invalid.code.String()
	}
	var transaction *client.TransactionError
	if errors.As(err, &transaction) && len(transaction.Details()) > 0 {
		return transaction.Details()[0].GetMessage()
	}
	return err.Error()
}

// processorTime of this process so far, in seconds.
func processorTime() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

// peakMemory of this process in MiB. Not the maximum of getrusage, which begins with what the parent had when it forked.
func peakMemory() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(status), "\n") {
		var kib float64
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kib); err == nil {
			return kib / 1024
		}
	}
	return 0
}

func percentile(sorted []time.Duration, p int) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, len(sorted)*p/100)].Seconds() * 1000
}
