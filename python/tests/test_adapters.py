"""LoRA adapters: what is asked for is merged, nothing else is left of what was, and a failure costs no model."""

from __future__ import annotations

import unittest

from tests.server import WorkerProcess, of_type

ADAPTERS = [
    {"name": "base", "path": "owner/base"},
    {"name": "style", "path": "owner/style"},
    {"name": "half", "path": "owner/half"},
    {"name": "broken", "path": "owner/broken"},
    {"name": "gone", "path": "/nowhere/gone.safetensors"},
    {"name": "cuda", "path": "owner/cuda"},
]
GENERATOR = {"model_path": "FastVideo/LTX2-Distilled-Diffusers", "adapters": ADAPTERS}


class AdapterTest(unittest.TestCase):
    def setUp(self):
        self.worker = WorkerProcess()
        self.addCleanup(self.worker.__exit__)
        self.ready = self.worker.start(generator=GENERATOR)
        self.runs = 0

    def weights(self):
        """What the layers of the model come to in a run, in percent; None without a layer of an adapter."""
        self.runs += 1
        before = len(self.worker.records)
        done = self.worker.segment(self.runs)[-1]
        self.assertEqual(done["type"], "done")
        made = [entry["weights"] for entry in self.worker.records[before:] if "weights" in entry]
        return {name: round(100 * weight) for name, weight in made[0].items()} if made else None

    def applied(self, **strengths):
        self.assertEqual(self.worker.adapt(7, **strengths), {"type": "adapters_applied", "id": 7})

    def refused(self, **strengths):
        answer = self.worker.adapt(8, **strengths)
        self.assertEqual((answer["type"], answer["id"]), ("adapters_failed", 8))
        return answer["message"]

    def test_it_says_that_it_takes_them_and_begins_without(self):
        self.assertIs(self.ready["adapters"], True)
        self.assertIsNone(self.weights())

    def test_several_are_merged_on_top_of_each_other(self):
        self.applied(base=0.5, style=0.25)
        self.assertEqual(self.weights(), {"first": 75, "second": 75})
        self.assertEqual(self.weights(), {"first": 75, "second": 75})

    def test_others_take_their_place(self):
        self.applied(base=0.5, style=0.25)
        self.applied(style=0.25)
        self.assertEqual(self.weights(), {"first": 25, "second": 25})
        self.applied(style=0.5)
        self.assertEqual(self.weights(), {"first": 50, "second": 50})

    def test_the_same_again_is_merged_once(self):
        self.applied(style=0.25)
        self.applied(style=0.25)
        self.assertEqual(self.weights(), {"first": 25, "second": 25})

    def test_without_any_the_model_is_as_it_was_loaded(self):
        self.applied(base=0.5)
        self.applied()
        self.assertEqual(self.weights(), {"first": 0, "second": 0})

    def test_nothing_is_left_in_a_layer_that_the_last_one_did_not_touch(self):
        self.applied(base=0.5, half=0.25)
        self.assertEqual(self.weights(), {"first": 75, "second": 50})
        self.applied(half=0.25)
        self.assertEqual(self.weights(), {"first": 25, "second": 0})
        self.applied()
        self.assertEqual(self.weights(), {"first": 0, "second": 0})

    def test_one_that_cannot_be_read_is_told_in_one_line_and_costs_no_model(self):
        self.applied(base=0.5)
        message = self.refused(base=0.5, broken=1)
        self.assertEqual(
            message, 'The adapter "broken" (owner/broken) could not be applied: owner/broken is no file of weights'
        )
        self.assertEqual(self.weights(), {"first": 0, "second": 0})
        self.applied(base=0.5)
        self.assertEqual(self.weights(), {"first": 50, "second": 50})

    def test_the_first_one_that_cannot_be_read_costs_no_model_either(self):
        self.refused(broken=1)
        self.assertEqual(self.weights(), {"first": 0, "second": 0})

    def test_a_path_that_does_not_exist_is_told(self):
        self.assertEqual(
            self.refused(gone=1), 'The adapter "gone" could not be applied: /nowhere/gone.safetensors does not exist.'
        )
        self.assertIsNone(self.weights())

    def test_one_that_is_not_declared_is_told(self):
        self.assertEqual(self.refused(other=1), 'There is no adapter "other" in generator.adapters.')

    def test_an_error_of_cuda_ends_the_worker(self):
        self.assertIn("CUDA error", self.refused(cuda=1))
        self.assertTrue(self.worker.ends())

    def test_they_wait_for_the_end_of_a_run_that_nobody_wants_any_more(self):
        self.worker.run(1, prompt="a fox steps")
        self.worker.receive_type("started")
        self.worker.send({"type": "abandon", "run_id": 1})
        self.worker.receive_type("failed")
        self.applied(style=0.25)
        self.runs = 1
        self.assertEqual(self.weights(), {"first": 25, "second": 25})


class NoAdapterTest(unittest.TestCase):
    def test_a_model_with_a_lora_of_its_own_for_the_refiner_does_not_start_with_any(self):
        model = "FastVideo/LTX2-refine-lora"
        with WorkerProcess() as worker:
            said = worker.start(generator={**GENERATOR, "model_path": model})
            self.assertEqual(said["type"], "start_failed")
            self.assertIn("generator.adapters: The model refines with a LoRA of its own", said["message"])

    def test_and_says_so_without(self):
        with WorkerProcess() as worker:
            ready = worker.start(generator={"model_path": "FastVideo/LTX2-refine-lora"})
            self.assertIs(ready["adapters"], False)
            self.assertIn("refines with a LoRA of its own", worker.adapt(1)["message"])
            self.assertEqual(of_type(worker.segment(1, width=64, height=64), "done")[0]["frames"], 25)


if __name__ == "__main__":
    unittest.main()
