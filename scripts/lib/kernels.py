# The kernels that JupyterLab offers in our own .venv.
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpecManager


class WithoutPython(KernelSpecManager):
    """
    All but Python's, which comes along with JupyterLab: kernel-helpers cannot be imported there, and a learner who
    picks the wrong tile does not see why.
    """

    def find_kernel_specs(self):
        specs = super().find_kernel_specs()
        specs.pop(NATIVE_KERNEL_NAME, None)
        return specs
